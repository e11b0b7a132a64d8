import type { MessageItem } from "@kith/client";
import { createSignal } from "solid-js";

/** The messages that were picked to do something with all of them. */
export function createSelection() {
  const [selected, setSelected] = createSignal<ReadonlyMap<string, MessageItem> | null>(null);

  const toggle = (item: MessageItem) => {
    const next = new Map(selected());
    if (!next.delete(item.key)) next.set(item.key, item);
    setSelected(next);
  };

  return {
    active: () => selected() !== null,
    has: (key: string) => selected()?.has(key) ?? false,
    /** In the order of the conversation. */
    items: () => [...(selected()?.values() ?? [])].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)),
    toggle,
    leave: () => setSelected(null),
  };
}

export type Selection = ReturnType<typeof createSelection>;
