import type { ConversationRow } from "@kith/client";

import { type EventContext, eventText } from "../../parts/timeline/event-text";

/** What a row says about its conversation. */
export interface Preview {
  kind: "draft" | "typing" | "deleted" | "text" | "quiet";
  /** Stands before the text, in its own weight. */
  lead?: string;
  text: string;
}

export interface PreviewContext extends EventContext {
  /** Those who are typing. */
  typing: string[];
}

export function previewOf(row: ConversationRow, context: PreviewContext): Preview {
  const { words, typing, nameOf } = context;
  const [typist, another] = typing;
  if (typist !== undefined) {
    const one = row.kind === "direct" ? words.list.typing : words.list.typing_one(nameOf(typist));
    return { kind: "typing", text: another === undefined ? one : words.list.typing_many(typing.length) };
  }
  if (row.draft) return { kind: "draft", lead: words.list.draft, text: row.draft };
  const item = row.last_item;
  if (!item) return { kind: "quiet", text: words.list.none_yet };
  if (item.kind !== "message") return { kind: "quiet", text: eventText(item, context) };
  const text = item.text ?? words.list.deleted;
  const lead =
    item.sender_id === context.me
      ? words.list.by_you
      : row.kind === "group"
        ? words.list.by(nameOf(item.sender_id))
        : undefined;
  return { kind: item.deleted ? "deleted" : "text", text, ...(lead !== undefined && { lead }) };
}
