import type { MessageItem } from "@kith/client";
import { createSignal, onCleanup } from "solid-js";

import type { Mode } from "./composer";
import { core, subscribe } from "./core";

/** A draft is kept after so long without a key. */
const DRAFT_DELAY_MS = 400;
/** Others are told about typing at most this often. */
const TYPING_EVERY_MS = 3_000;

export type ComposerStore = ReturnType<typeof createComposer>;

/** What is being written in one conversation. */
export function createComposer(conversation: string) {
  const [text, setText] = createSignal("");
  const [mode, setMode] = createSignal<Mode>({ kind: "write" });
  let touched = false;
  /** What was being written before an edit began. */
  let aside = "";
  let unsaved: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let told_ms = 0;

  void core()
    .draft(conversation)
    .then((draft) => {
      if (draft !== null && !touched) setText(draft);
    });

  const save = () => {
    clearTimeout(timer);
    if (unsaved === null) return;
    void core().setDraft(conversation, unsaved.trim() === "" ? null : unsaved);
    unsaved = null;
  };

  const keep = (draft: string) => {
    unsaved = draft;
    clearTimeout(timer);
    timer = setTimeout(save, DRAFT_DELAY_MS);
  };

  const write = (next: string) => {
    touched = true;
    setText(next);
    if (mode().kind === "edit") return;
    keep(next);
    const now_ms = Date.now();
    if (next.trim() !== "" && now_ms - told_ms >= TYPING_EVERY_MS) {
      told_ms = now_ms;
      void core().typing(conversation);
    }
  };

  const leave = () => {
    if (mode().kind === "edit") setText(aside);
    setMode({ kind: "write" });
  };

  const reply = (item: MessageItem) => {
    leave();
    setMode({ kind: "reply", item });
  };

  const edit = (item: MessageItem) => {
    leave();
    aside = text();
    setMode({ kind: "edit", item });
    setText(item.text ?? "");
  };

  /** What stands here goes out, and the place is free for the next. */
  const take = (): { text: string; mode: Mode } => {
    const taken = { text: text().trim(), mode: mode() };
    if (taken.mode.kind === "edit") {
      leave();
      return taken;
    }
    setText("");
    setMode({ kind: "write" });
    unsaved = "";
    save();
    told_ms = 0;
    return taken;
  };

  // What is deleted is shown nowhere any more, nor can it be answered or edited.
  // eslint-disable-next-line solid/reactivity
  const unsubscribe = subscribe((update) => {
    const about = mode();
    if (update.kind !== "timeline" || about.kind === "write") return;
    if (update.items.some((item) => item.kind === "message" && item.deleted && item.key === about.item.key)) leave();
  });

  addEventListener("pagehide", save);
  onCleanup(() => {
    unsubscribe();
    removeEventListener("pagehide", save);
    save();
  });

  return { text, mode, write, reply, edit, leave, take };
}
