import type { MessageItem } from "@kith/client";
import { createSignal, onCleanup, type Accessor } from "solid-js";

import { core, subscribe } from "./core";

/** More than these are forgotten, the oldest first. */
const QUOTES_MAX = 300;

/** Messages that are quoted, from wherever they are; undefined until it is known, null if there is none to see. */
export function createQuotes() {
  type Quote = MessageItem | null | undefined;
  const known = new Map<string, [Accessor<Quote>, (item: Quote) => void]>();

  const quoted = (message_id: string): Quote => {
    let entry = known.get(message_id);
    if (entry === undefined) {
      const [item, setItem] = createSignal<Quote>(undefined);
      const set = (next: Quote) => setItem(() => next);
      entry = [item, set];
      known.set(message_id, entry);
      const oldest = known.keys().next().value;
      if (known.size > QUOTES_MAX && oldest !== undefined) known.delete(oldest);
      void core()
        .message(message_id)
        .then(set, () => {
          set(null);
        });
    }
    return entry[0]();
  };

  onCleanup(
    subscribe((update) => {
      if (update.kind !== "timeline") return;
      for (const item of update.items) {
        if (item.kind === "message" && item.message_id !== null) {
          known.get(item.message_id)?.[1](item);
        }
      }
    }),
  );
  return quoted;
}
