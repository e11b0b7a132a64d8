import type { MemberItem, SettingsItem } from "@kith/client";

import type { Messages } from "../../text";

export interface EventContext {
  /** Who reads it. */
  me: string;
  nameOf: (user_id: string) => string;
  words: Messages;
}

/** What happened to the conversation itself, as it is told to its reader. */
export function eventText(item: MemberItem | SettingsItem, context: EventContext): string {
  return item.kind === "member" ? memberText(item, context) : settingsText(item, context);
}

function memberText(item: MemberItem, { me, nameOf, words }: EventContext): string {
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

function settingsText(item: SettingsItem, { me, nameOf, words }: EventContext): string {
  const { event } = words;
  const by = nameOf(item.sender_id);
  const mine = item.sender_id === me;
  if (item.name !== null) {
    if (item.seq === 1) return mine ? event.you_founded(item.name) : event.founded(by, item.name);
    return mine ? event.you_renamed(item.name) : event.renamed(by, item.name);
  }
  if (item.picture !== null) return mine ? event.you_picture : event.picture(by);
  const history = item.history_for_new_members;
  if (history !== null) return mine ? event.you_history[history] : event.history[history](by);
  return mine ? event.you_changed : event.changed(by);
}
