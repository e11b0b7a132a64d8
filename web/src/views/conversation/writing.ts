import { type MessageItem, newId, type TimelineItem } from "@kith/client";

import type { ComposerStore } from "../../state/composer-store";
import { core } from "../../state/core";
import { connection } from "../../state/session";
import { unwritten, written } from "../../state/timeline";
import type { TimelineStore } from "../../state/timeline-store";
import { attempt } from "./deeds";

interface WritingOptions {
  id: string;
  store: TimelineStore;
  composer: ComposerStore;
  me: () => string;
  toLatest: () => Promise<void>;
}

/** From the composer into the conversation. */
export function createWriting({ id, store, composer, me, toLatest }: WritingOptions) {
  const write = async (text: string, reply_to: string | null) => {
    const item = outgoing(me(), text, reply_to);
    void toLatest();
    store.change((timeline) => written(timeline, item));
    const accepted = await attempt(core().send(id, text, reply_to, item.key));
    if (!accepted) store.change((timeline) => unwritten(timeline, item.key));
  };

  return {
    send: () => {
      const { text, mode } = composer.take();
      if (mode.kind !== "edit") {
        void write(text, mode.kind === "reply" ? mode.item.message_id : null);
      } else if (mode.item.message_id !== null && text !== mode.item.text) {
        void attempt(core().edit(mode.item.message_id, text));
      }
    },
    editLast: () => {
      const last = lastOwn(store.timeline.items, me());
      if (last !== undefined) composer.edit(last);
    },
  };
}

/** A message as it looks until the core tells about it. */
function outgoing(me: string, text: string, reply_to: string | null): MessageItem {
  const client_message_id = newId();
  return {
    kind: "message",
    key: client_message_id,
    seq: null,
    message_id: null,
    client_message_id,
    sender_id: me,
    text,
    sent_at: new Date().toISOString(),
    edited_at: null,
    deleted: false,
    reply_to,
    reactions: [],
    state: connection() === "online" ? "sending" : "queued",
    problem: null,
  };
}

function lastOwn(items: readonly TimelineItem[], me: string): MessageItem | undefined {
  return items.findLast(
    (item): item is MessageItem =>
      item.kind === "message" && item.sender_id === me && item.seq !== null && !item.deleted,
  );
}
