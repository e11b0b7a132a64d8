import type { MessageItem } from "@kith/client";

import { confirm } from "../../parts/confirm";
import type { Action } from "../../parts/message/actions";
import { toast } from "../../parts/toast";
import { core } from "../../state/core";
import { keep, removeSoon } from "../../state/removals";
import { t } from "../../text";
import { problemText } from "../../text/problem";

/** Runs something that may be refused, and says so if it is. */
export async function attempt(deed: Promise<unknown>): Promise<boolean> {
  try {
    await deed;
    return true;
  } catch (problem) {
    toast({ text: problemText(problem), tone: "danger" });
    return false;
  }
}

export async function copyText(text: string, said: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  toast({ text: said });
}

/** Asks, hides the messages at once, and deletes them when nobody took it back. */
export async function removeMessages(items: readonly MessageItem[]): Promise<boolean> {
  const words = t().conversation;
  const sure = await confirm({
    title: words.remove_title(items.length),
    body: words.remove_words,
    action: words.remove_confirm,
    tone: "danger",
  });
  if (!sure) return false;
  const ids = items.flatMap(({ message_id }) => message_id ?? []);
  removeSoon(ids, (problem) => {
    toast({ text: problemText(problem), tone: "danger" });
  });
  toast({
    text: words.removed(ids.length),
    action: {
      label: words.undo,
      run: () => {
        keep(ids);
      },
    },
  });
  return true;
}

export function toggleReaction(item: MessageItem, emoji: string, me: string): void {
  const own = item.reactions.some((reaction) => reaction.emoji === emoji && reaction.user_ids.includes(me));
  if (item.message_id !== null) {
    void attempt(core().react(item.message_id, emoji, own ? "removed" : "added"));
  }
}

/** What needs nothing but the message itself; the rest is up to the pane. */
export function actAlone(action: Action, item: MessageItem, conversation_id: string): boolean {
  switch (action) {
    case "copy":
      void copyText(item.text ?? "", t().conversation.copied);
      return true;
    case "link":
      void copyText(permalink(conversation_id, item.seq), t().conversation.link_copied);
      return true;
    case "remove":
      void removeMessages([item]);
      return true;
    case "retry":
      if (item.client_message_id !== null) void attempt(core().retry(item.client_message_id));
      return true;
    case "discard":
      if (item.client_message_id !== null) void attempt(core().discard(item.client_message_id));
      return true;
    default:
      return false;
  }
}

function permalink(conversation_id: string, seq: number | null): string {
  return new URL(`/c/${conversation_id}/${seq ?? ""}`, location.href).href;
}
