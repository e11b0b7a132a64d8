import type { MessageItem } from "@kith/client";

/** A message of somebody else, for tests; without a place it waits to be sent. */
export function message(seq: number | null, change: Partial<MessageItem> = {}): MessageItem {
  return {
    kind: "message",
    key: `k${seq ?? "outbox"}`,
    seq,
    message_id: seq === null ? null : `m${seq}`,
    client_message_id: null,
    sender_id: "other",
    text: "hello",
    sent_at: "2026-01-01T12:00:00.000Z",
    edited_at: null,
    deleted: false,
    reply_to: null,
    reactions: [],
    state: "sent",
    problem: null,
    ...change,
  };
}
