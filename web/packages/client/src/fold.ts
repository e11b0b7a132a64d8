/** What events make of a timeline: rows, and changes to the rows that they concern. Each may be applied twice. */

import type { MessageItem, ReactionCount, TimelineItem } from "./core-api.ts";
import type { Ack, EventBody, MessageEvent } from "./frames.ts";
import { placeOf } from "./ids.ts";
import type { Outgoing } from "./outbox.ts";
import type { Schemas } from "./rest.ts";

/** The row that an event is; null for one that only changes others or shows nothing. */
export function toItem(conversation_id: string, seq: number, event: EventBody): TimelineItem | null {
  const key = `${conversation_id}-${seq}`;
  switch (event.kind) {
    case "message":
      return messageItem(seq, event);
    case "member": {
      const { sender_id, user_id, change, sent_at } = event;
      // Whoever founds a group is its first member: the row before says so already.
      if (seq === 2 && change === "added" && sender_id === user_id) return null;
      return {
        kind: "member",
        key,
        seq,
        sender_id,
        user_id,
        change,
        role: event.role ?? null,
        sent_at,
      };
    }
    case "settings": {
      const { sender_id, sent_at } = event;
      const [name, picture] = [event.name ?? null, event.picture ?? null];
      const history_for_new_members = event.history_for_new_members ?? null;
      return {
        kind: "settings",
        key,
        seq,
        sender_id,
        name,
        picture,
        history_for_new_members,
        sent_at,
      };
    }
    case "edit":
    case "delete":
    case "reaction":
    case "unknown":
      return null;
  }
}

type AnyMessage = Omit<MessageEvent, "kind"> | Schemas["HistoryMessage"];

/** A message as a row. An own one keeps, for its key, the name that it had before it was sent. */
export function messageItem(seq: number, message: AnyMessage): MessageItem {
  return {
    kind: "message",
    key: message.client_message_id ?? message.message_id,
    seq,
    message_id: message.message_id,
    client_message_id: message.client_message_id ?? null,
    sender_id: message.sender_id,
    text: message.text ?? null,
    sent_at: message.sent_at,
    edited_at: message.edited_at ?? null,
    deleted: message.deleted ?? false,
    reply_to: message.reply_to ?? null,
    reactions: message.reactions ?? [],
    state: "sent",
    problem: null,
  };
}

/** The event that the others get for a message that was sent from here. */
export function ownMessage(sender_id: string, sent: Outgoing, ack: Ack): MessageEvent {
  const { message_id, sent_at, client_message_id } = ack;
  const reply_to = sent.reply_to === null ? {} : { reply_to: sent.reply_to };
  return { message_id, sender_id, text: sent.text, sent_at, client_message_id, ...reply_to };
}

/** The message that an event changes. */
export function targetOf(event: EventBody): number | null {
  const changes = event.kind === "edit" || event.kind === "delete" || event.kind === "reaction";
  return changes ? (placeOf(event.message_id)?.seq ?? null) : null;
}

/** A message after an event; the same object if nothing changed. */
export function applied(item: MessageItem, event: EventBody): MessageItem {
  switch (event.kind) {
    case "edit":
      if (item.deleted || (item.edited_at !== null && item.edited_at > event.sent_at)) return item;
      if (event.text === null || event.text === undefined) return emptied(item);
      return { ...item, text: event.text, edited_at: event.sent_at };
    case "delete":
      return item.deleted ? item : emptied(item);
    case "reaction":
      return item.deleted ? item : reacted(item, event.sender_id, event.emoji, event.change);
    case "message":
    case "member":
    case "settings":
    case "unknown":
      return item;
  }
}

function emptied(item: MessageItem): MessageItem {
  return { ...item, text: null, deleted: true, reactions: [] };
}

export function reacted(item: MessageItem, user_id: string, emoji: string, change: "added" | "removed"): MessageItem {
  const before = item.reactions.find((reaction) => reaction.emoji === emoji);
  const user_ids = before?.user_ids ?? [];
  if (user_ids.includes(user_id) === (change === "added")) return item;
  const after = change === "added" ? [...user_ids, user_id] : user_ids.filter((id) => id !== user_id);
  const counted: ReactionCount = { emoji, count: after.length, user_ids: after };
  const reactions = before
    ? item.reactions.map((reaction) => (reaction === before ? counted : reaction))
    : [...item.reactions, counted];
  return { ...item, reactions: reactions.filter((reaction) => reaction.count > 0) };
}
