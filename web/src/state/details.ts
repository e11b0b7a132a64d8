import type { ConversationDetail, Update } from "@kith/client";
import { createStore, reconcile } from "solid-js/store";
import { core } from "./core";

export type Details = Record<string, ConversationDetail>;

export function applyDetails(state: Details, update: Update): Details {
  switch (update.kind) {
    case "detail":
      return { ...state, [update.detail.conversation_id]: update.detail };
    case "cursor": {
      const detail = state[update.conversation_id];
      if (!detail) return state;
      const members = detail.members.map((member) =>
        member.user_id !== update.user_id
          ? member
          : {
              ...member,
              ...(update.read_seq !== null && { read_seq: Math.max(member.read_seq ?? 0, update.read_seq) }),
              ...(update.delivered_seq !== null && {
                delivered_seq: Math.max(member.delivered_seq ?? 0, update.delivered_seq),
              }),
            },
      );
      return { ...state, [update.conversation_id]: { ...detail, members } };
    }
    case "conversations":
      return update.gone.length === 0
        ? state
        : Object.fromEntries(Object.entries(state).filter(([id]) => !update.gone.includes(id)));
    case "signed-out":
      return {};
    default:
      return state;
  }
}

const [state, setState] = createStore<Details>({});

export function tellDetails(update: Update): void {
  const next = applyDetails(state, update);
  if (next !== state) setState(reconcile(next, { key: "user_id" }));
}

/** What is known of a conversation and its members. */
export const detail = (conversation_id: string): ConversationDetail | undefined => state[conversation_id];

/** Asks for it; later changes are told. */
export async function openDetail(conversation: string): Promise<ConversationDetail> {
  const found = await core().detail(conversation);
  tellDetails({ kind: "detail", detail: found });
  return found;
}
