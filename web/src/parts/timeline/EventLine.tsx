import type { MemberItem, SettingsItem, TimelineItem } from "@kith/client";
import type { JSX } from "solid-js";

import { t } from "../../text";
import "./EventLine.css";

interface EventLineProps {
  item: TimelineItem;
  nameOf: (user_id: string) => string;
}

/** What happened to the conversation itself: a quiet line. */
export function EventLine(props: EventLineProps): JSX.Element {
  return (
    <p class="event-line" dir="auto">
      {eventText(props.item, props.nameOf)}
    </p>
  );
}

export function eventText(item: TimelineItem, nameOf: (user_id: string) => string): string {
  if (item.kind === "member") return memberText(item, nameOf);
  return item.kind === "settings" ? settingsText(item, nameOf(item.sender_id)) : "";
}

function memberText(item: MemberItem, nameOf: (user_id: string) => string): string {
  const text = t().conversation.event;
  const [actor, member] = [nameOf(item.sender_id), nameOf(item.user_id)];
  switch (item.change) {
    case "added":
      return item.sender_id === item.user_id ? text.joined(member) : text.added(actor, member);
    case "removed":
      return item.sender_id === item.user_id ? text.left(member) : text.removed(actor, member);
    case "left":
      return text.left(member);
    case "role":
      return text.role[item.role ?? "member"](actor, member);
  }
}

function settingsText(item: SettingsItem, actor: string): string {
  const text = t().conversation.event;
  if (item.name !== null) return text.renamed(actor, item.name);
  if (item.history_for_new_members !== null) {
    return text.history[item.history_for_new_members](actor);
  }
  return item.picture === null ? text.changed(actor) : text.picture(actor);
}
