import type { MessageItem, TimelineItem } from "@kith/client";

import { format, t } from "../../text";

type NameOf = (user_id: string) => string;

/** Messages as text, each with its author and time. */
export function transcript(items: readonly MessageItem[], nameOf: NameOf): string {
  return items
    .filter(({ text }) => text !== null)
    .map(
      ({ sender_id, sent_at, text }) =>
        `${t().conversation.said_at(nameOf(sender_id), format().dateTime(sent_at))}\n${text ?? ""}`,
    )
    .join("\n\n");
}

/** What was selected across messages is copied with authors and times; inside of one it stays as it is. */
export function copySelection(event: ClipboardEvent, items: readonly TimelineItem[], nameOf: NameOf): void {
  const selection = getSelection();
  const list = event.currentTarget;
  if (selection === null || selection.isCollapsed || !(list instanceof Element)) return;
  const keys = [...list.children]
    .filter((row) => row.querySelector(".markup") && selection.containsNode(row, true))
    .map((row) => (row as HTMLElement).dataset["key"]);
  const messages = items.filter((item): item is MessageItem => item.kind === "message" && keys.includes(item.key));
  if (messages.length < 2) return;
  event.clipboardData?.setData("text/plain", transcript(messages, nameOf));
  event.preventDefault();
}
