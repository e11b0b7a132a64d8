import type { ConversationRow, MemberItem, SettingsItem } from "@kith/client";
import type { Messages } from "../../text";

/** What a row says about its conversation. */
export interface Preview {
  kind: "draft" | "typing" | "deleted" | "text" | "quiet";
  /** Stands before the text, in its own weight. */
  lead?: string;
  text: string;
}

export interface PreviewContext {
  me: string;
  /** Those who are typing. */
  typing: string[];
  nameOf: (user_id: string) => string;
  words: Messages;
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
  if (item.kind === "member") return { kind: "quiet", text: memberText(item, context) };
  if (item.kind === "settings") return { kind: "quiet", text: settingsText(item, context) };
  const text = item.text ?? words.list.deleted;
  const lead =
    item.sender_id === context.me
      ? words.list.by_you
      : row.kind === "group"
        ? words.list.by(nameOf(item.sender_id))
        : undefined;
  return { kind: item.deleted ? "deleted" : "text", text, ...(lead !== undefined && { lead }) };
}

export function memberText(item: MemberItem, { me, nameOf, words }: PreviewContext): string {
  const { event } = words;
  const whom = nameOf(item.user_id);
  const mine = item.sender_id === me;
  const concernsMe = item.user_id === me;
  const alone = item.sender_id === item.user_id;
  switch (item.change) {
    case "added":
      if (alone) return mine ? event.you_joined : event.joined(whom);
      if (concernsMe) return event.added_you(nameOf(item.sender_id));
      return mine ? event.you_added(whom) : event.added(nameOf(item.sender_id), whom);
    case "removed":
      if (concernsMe) return event.removed_you(nameOf(item.sender_id));
      return mine ? event.you_removed(whom) : event.removed(nameOf(item.sender_id), whom);
    case "left":
      return concernsMe ? event.you_left : event.left(whom);
    case "role": {
      const role = event[`role_${item.role ?? "member"}`];
      return concernsMe ? event.you_are(role) : event.is(whom, role);
    }
  }
}

export function settingsText(item: SettingsItem, { me, nameOf, words }: PreviewContext): string {
  const { event } = words;
  const by = nameOf(item.sender_id);
  const mine = item.sender_id === me;
  if (item.name !== null) {
    if (item.seq === 1) return mine ? event.you_founded(item.name) : event.founded(by, item.name);
    return mine ? event.you_renamed(item.name) : event.renamed(by, item.name);
  }
  if (item.picture !== null) return mine ? event.you_picture : event.picture(by);
  return mine ? event.you_history : event.history(by);
}
