import type { Update } from "@kith/client";
import { createStore, reconcile } from "solid-js/store";

/** Until when each person counts as typing, by conversation. */
export type Typing = Record<string, Record<string, number>>;

/** Whoever was silent for this long has stopped. */
export const typing_ms = 6_000;

/** A message, or silence, ends the typing of its sender. */
export function applyTyping(state: Typing, update: Update, now_ms: number): Typing {
  switch (update.kind) {
    case "typing": {
      const there = { ...state[update.conversation_id], [update.user_id]: now_ms + typing_ms };
      return { ...state, [update.conversation_id]: there };
    }
    case "timeline": {
      const there = state[update.conversation_id];
      if (!there) return state;
      const senders = new Set(update.items.map((item) => item.sender_id));
      const left = Object.entries(there).filter(([user_id]) => !senders.has(user_id));
      return { ...state, [update.conversation_id]: Object.fromEntries(left) };
    }
    case "signed-out":
      return {};
    default:
      return state;
  }
}

export function withoutSilent(state: Typing, now_ms: number): Typing {
  const conversations = Object.entries(state).map(([id, there]): [string, Record<string, number>] => [
    id,
    Object.fromEntries(Object.entries(there).filter(([, until_ms]) => until_ms > now_ms)),
  ]);
  return Object.fromEntries(conversations.filter(([, there]) => Object.keys(there).length > 0));
}

const [state, setState] = createStore<Typing>({});

export function tellTyping(update: Update): void {
  const next = applyTyping(state, update, Date.now());
  if (next === state) return;
  setState(reconcile(next));
  if (update.kind === "typing") {
    setTimeout(() => setState(reconcile(withoutSilent(state, Date.now()))), typing_ms + 50);
  }
}

/** Who is typing in a conversation. */
export const typingIn = (conversation_id: string) => Object.keys(state[conversation_id] ?? {});
