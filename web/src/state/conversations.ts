import type { ConversationRow, Snapshot, Update } from "@kith/client";
import { createMemo, createRoot } from "solid-js";
import { createStore, reconcile } from "solid-js/store";

export interface Conversations {
  rows: Record<string, ConversationRow>;
  /** Whether the server has more than these. */
  more: boolean;
  /** Conversations that came into being by writing to a person, by the person. */
  created: Record<string, string>;
}

export const noConversations: Conversations = { rows: {}, more: false, created: {} };

export function applyConversations(state: Conversations, update: Update): Conversations {
  switch (update.kind) {
    case "conversations": {
      const rows = { ...state.rows };
      for (const row of update.rows) rows[row.conversation_id] = row;
      for (const id of update.gone) Reflect.deleteProperty(rows, id);
      return { ...state, rows, more: update.more };
    }
    case "conversation-created":
      return { ...state, created: { ...state.created, [update.receiver_id]: update.conversation_id } };
    case "signed-out":
      return noConversations;
    default:
      return state;
  }
}

/** The latest first; what happened in the same moment keeps its order. */
export function inOrder(rows: Iterable<ConversationRow>): ConversationRow[] {
  const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
  return [...rows].sort(
    (one, other) =>
      compare(other.last_activity_at, one.last_activity_at) || compare(one.conversation_id, other.conversation_id),
  );
}

/** How many messages are unread in conversations that are not muted. */
export function unreadOf(rows: Iterable<ConversationRow>): number {
  let unread = 0;
  for (const row of rows) if (!row.muted) unread += row.unread;
  return unread;
}

/** The conversation with an id, or the direct one with the person who has it. */
export function findConversation(state: Conversations, id: string): ConversationRow | undefined {
  const created = state.created[id];
  return (
    state.rows[id] ??
    (created === undefined ? undefined : state.rows[created]) ??
    Object.values(state.rows).find((row) => row.kind === "direct" && row.peer?.user_id === id)
  );
}

const [state, setState] = createStore<Conversations>(structuredClone(noConversations));
const derived = createRoot(() => {
  const order = createMemo(() => inOrder(Object.values(state.rows)).map((row) => row.conversation_id));
  const unread = createMemo(() => unreadOf(Object.values(state.rows)));
  return { order, unread };
});

export function tellConversations(update: Update): void {
  setState(reconcile(applyConversations(state, update), { key: "conversation_id" }));
}

export function startConversations(snapshot: Snapshot): void {
  const rows = Object.fromEntries(snapshot.conversations.map((row) => [row.conversation_id, row]));
  setState(reconcile({ rows, more: snapshot.more_conversations, created: {} }, { key: "conversation_id" }));
}

/** The conversation that came into being by writing to a person: known before its row is. */
export const createdWith = (user_id: string): string | undefined => state.created[user_id];
export const conversation = (id: string) => findConversation(state, id);
export const conversationRows = () => derived.order().flatMap((id) => state.rows[id] ?? []);
export const conversationOrder = () => derived.order();
export const conversationsUnread = () => derived.unread();
export const moreConversations = () => state.more;
