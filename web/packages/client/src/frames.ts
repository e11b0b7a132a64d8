/** The frames of the socket protocol `kith.v1` (docs/PROTOCOL.md). Both sides ignore what they do not know. */

import type { components } from "./openapi.ts";

type Schemas = components["schemas"];

export type EventBody = Schemas["EventBody"] | { kind: "unknown" };
export type MessageEvent = Schemas["MessageEvent"];
export interface LoggedEvent {
  seq: number;
  event: EventBody;
}

export interface Hello {
  type: "hello";
  token?: string;
  device?: string;
  upos: number;
  resume?: { ticket: string; n: number };
}
export interface Send {
  type: "send";
  conversation_id?: string;
  receiver_id?: string;
  client_message_id: string;
  text: string;
  reply_to?: string;
}
export interface Pull {
  type: "pull";
  conversation_id: string;
  after: number;
  limit: number;
}

export type ClientFrame =
  | Hello
  | Send
  | Pull
  | { type: "read" | "delivered"; conversation_id: string; seq: number }
  | { type: "typing"; conversation_id: string }
  | { type: "acked"; n: number }
  | { type: "heads" }
  | { type: "ping" };

export interface Limits {
  text_bytes: number;
  frame_bytes: number;
  sends_in_flight: number;
  page_events: number;
  window_frames: number;
  window_bytes: number;
  group_members: number;
  idle_ms: number;
}
export interface Ready {
  type: "ready";
  user_id: string;
  session_id: string;
  upos: number;
  resumed: "hot" | "cold";
  digest: string;
  limits: Limits;
  ticket?: string;
}
export interface Ack {
  type: "ack";
  client_message_id: string;
  conversation_id: string;
  seq: number;
  message_id: string;
  sent_at: string;
  dup: boolean;
}
export interface Nack {
  type: "nack";
  client_message_id: string;
  problem: string;
  final: boolean;
  retry_after_ms?: number;
}
export interface EventFrame extends LoggedEvent {
  type: "event";
  n: number;
  conversation_id: string;
}
export interface Page {
  type: "page";
  conversation_id: string;
  events: LoggedEvent[];
  head: number;
  more: boolean;
  truncated_before?: number;
}
export interface Head {
  conversation_id: string;
  head: number;
}
export interface Dirty {
  type: "dirty";
  conversations: Head[];
  upos: number;
  more: boolean;
}
export interface Heads {
  type: "heads";
  conversations: Head[];
  digest: string;
  more: boolean;
}
export interface Cursor {
  type: "cursor";
  conversation_id: string;
  user_id: string;
  read_seq?: number;
  delivered_seq?: number;
}
export interface Typing {
  type: "typing";
  conversation_id: string;
  user_id: string;
}
export interface Presence {
  type: "presence";
  user_id: string;
  online: boolean;
  last_seen_at?: string;
}
export interface PreferencesChanged {
  type: "preferences";
  preferences: Schemas["Preferences"];
}
export interface ErrorFrame {
  type: "error";
  problem: string;
  detail: string;
  frame?: string;
  conversation_id?: string;
  retry_after_ms?: number;
}

/** What needs no place in a log: positions, whispers, preferences. */
export type Notice = Cursor | Typing | Presence | PreferencesChanged | ErrorFrame;

export type ServerFrame =
  | Ready
  | Ack
  | Nack
  | EventFrame
  | Page
  | Dirty
  | Heads
  | Notice
  | { type: "drain"; reconnect_in_ms: number }
  | { type: "revoked"; reason: string }
  | { type: "pong"; digest?: string };

/** The limits of a server that has not told its own yet. */
export const DEFAULT_LIMITS: Limits = {
  text_bytes: 16 * 1024,
  frame_bytes: 64 * 1024,
  sends_in_flight: 32,
  page_events: 200,
  window_frames: 512,
  window_bytes: 1024 * 1024,
  group_members: 1024,
  idle_ms: 120_000,
};

/** Reads what the server wrote; null for what is no frame. The server is trusted with the shapes of its own frames. */
export function parseFrame(text: unknown): ServerFrame | null {
  if (typeof text !== "string") return null;
  try {
    const frame: unknown = JSON.parse(text);
    const known = typeof frame === "object" && frame !== null && "type" in frame;
    return known ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}
