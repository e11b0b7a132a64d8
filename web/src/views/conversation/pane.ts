import type { MessageItem } from "@kith/client";
import { createEffect, createSignal, on } from "solid-js";

import type { MessageHost, Point } from "../../parts/message/context";
import { plain } from "../../parts/message/markup";
import { readersOf, statusOf } from "../../parts/message/status";
import type { Heard } from "../../state/announcer";
import { createComposer } from "../../state/composer-store";
import { core } from "../../state/core";
import { announcesMessages } from "../../state/preferences";
import { createQuotes } from "../../state/quotes";
import { isBeingRemoved } from "../../state/removals";
import { seen } from "../../state/timeline";
import { createTimeline, type TimelineStore } from "../../state/timeline-store";
import { actAlone, attempt, copyText, removeMessages, toggleReaction } from "./deeds";
import { markedRead } from "../actions";
import { transcript } from "./copy";
import { createJumps } from "./jumps";
import type { ListHandle } from "./MessageList";
import { type Company, createCompany } from "./people";
import { createSelection } from "./selection";
import { createWriting } from "./writing";
import { t } from "../../text";

/** What floats above the pane. */
export type Floating =
  | { kind: "menu" | "quick" | "picker"; item: MessageItem; at: Point }
  | { kind: "insert" | "date"; at: Point }
  | { kind: "info" | "reactions"; item: MessageItem };

export type Pane = ReturnType<typeof createPane>;

/** Everything that one open conversation does, apart from how it looks. */
export function createPane(id: string) {
  let list!: ListHandle;
  let say: (heard: Heard) => void = () => undefined;
  const [floating, setFloating] = createSignal<Floating | null>(null);
  const [away, setAway] = createSignal(false);
  const company = createCompany(id);
  const selection = createSelection();
  const composer = createComposer(id);
  const quoted = createQuotes();
  const my_id = () => company.standing().me;

  const store = createTimeline(id, {
    me: my_id,
    isHere: (conversation_id) => conversation_id === company.conversation_id(),
    onArrival: (items) => {
      if (!announcesMessages()) return;
      for (const { sender_id, text } of items) {
        say({ author: company.nameOf(sender_id), words: plain(text ?? "") });
      }
    },
  });
  const jumps = createJumps(id, store, () => list);
  followReading(id, company, store);

  const act: MessageHost["act"] = (action, item) => {
    if (actAlone(action, item, company.conversation_id())) return;
    if (action === "reply") composer.reply(item);
    else if (action === "edit") composer.edit(item);
    else if (action === "select") selection.toggle(item);
    else if (action === "info") setFloating({ kind: "info", item });
  };

  const status = (item: MessageItem) => statusOf(item, company.receipts());
  const host: MessageHost = {
    standing: company.standing,
    nameOf: company.nameOf,
    names: company.names,
    members: company.members,
    status,
    statusText: (item) =>
      company.kind() === "group" && status(item) === "read"
        ? t().conversation.read_by(readersOf(item, company.members()).length)
        : t().conversation.status[status(item)],
    isBeingRemoved: (item) => item.message_id !== null && isBeingRemoved(item.message_id),
    quoted,
    act,
    react: (item, emoji) => {
      toggleReaction(item, emoji, my_id());
    },
    openMenu: (item, at) => setFloating({ kind: "menu", item, at }),
    openQuick: (item, at) => setFloating({ kind: "quick", item, at }),
    openPicker: (item, at) => setFloating({ kind: "picker", item, at }),
    showReactions: (item) => setFloating({ kind: "reactions", item }),
    jumpTo: (seq) => void jumps.to(seq),
    selecting: selection.active,
    isSelected: selection.has,
    toggleSelected: selection.toggle,
  };

  const { send, editLast } = createWriting({ id, store, composer, me: my_id, toLatest: jumps.toLatest });

  /** How far the reader can have read. */
  const position = (): number => {
    if (list.keeper.stuck() && store.timeline.reached_end) return store.timeline.last;
    const visible = list.keeper.visible();
    return (visible === null ? null : store.timeline.items[visible.to]?.seq) ?? 0;
  };

  const onView = () => {
    setAway(!store.timeline.reached_end || !list.keeper.stuck());
    const seq = position();
    store.change((timeline) => seen(timeline, seq));
  };

  return {
    id,
    company,
    composer,
    selection,
    store,
    jumps,
    host,
    floating,
    close: () => setFloating(null),
    float: setFloating,
    away,
    unread: () => Math.max(store.timeline.arrived.length, company.row()?.unread ?? 0),
    position,
    onView,
    send,
    editLast,
    list: () => list,
    setList: (handle: ListHandle) => {
      list = handle;
    },
    setSay: (handle: (heard: Heard) => void) => {
      say = handle;
    },
    copySelected: () => {
      const items = selection.items();
      void copyText(transcript(items, company.nameOf), t().conversation.copied);
      selection.leave();
    },
    removeSelected: async () => {
      if (await removeMessages(selection.items())) selection.leave();
    },
  };
}

/** What was read elsewhere, or by a key, is not waiting below any more. */
function followReading(id: string, company: Company, store: TimelineStore): void {
  const readAll = () => {
    store.change((timeline) => seen(timeline, timeline.head));
  };
  createEffect(() => {
    if (company.row()?.unread === 0) readAll();
  });
  const onMarked = (conversation: string) => {
    if (conversation !== company.conversation_id()) return;
    readAll();
    void attempt(core().read(id, store.timeline.head));
  };
  createEffect(on(markedRead, onMarked, { defer: true }));
}
