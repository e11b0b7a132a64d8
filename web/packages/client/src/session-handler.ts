import type { Backoff } from "./backoff.ts";
import type { Ack, EventFrame, Head, Notice, Ready } from "./frames.ts";
import type { Outgoing } from "./outbox.ts";

/** As much of a WebSocket as is needed, so that any implementation will do. */
export interface Socket {
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  send(text: string): void;
  close(): void;
}
export type SocketClass = new (address: string, protocol: string) => Socket;

/** Who gives tokens: `Rest` is one. */
export interface TokenSource {
  token(): Promise<string>;
  refresh(): Promise<string>;
}

export interface SessionOptions {
  /** The address of the socket, such as `wss://chat.example.org/socket`. */
  address: string;
  socket: SocketClass;
  tokens: TokenSource;
  device?: string;
  /** The place in the inbox up to which everything was seen. */
  upos: number;
  backoff?: Backoff;
}

/** What a session tells. Nothing here may throw. */
export interface SessionHandler {
  connected(ready: Ready): void;
  /** There is no connection; another try follows by itself. */
  disconnected(): void;
  event(frame: EventFrame): void;
  acked(message: Outgoing | null, ack: Ack): void;
  refused(message: Outgoing, problem: string): void;
  /** These conversations reach these places. With a `upos`: call `Session.reached` once all of it was acted upon. */
  dirty(heads: Head[], more: boolean, upos: number | null): void;
  /** The heads of all conversations, unless there are more. */
  heads(heads: Head[], more: boolean): void;
  digest(digest: string): void;
  notice(notice: Notice): void;
  /** The session is over; with a reason where it was ended on purpose. */
  over(reason: string | null): void;
}
