import { createSignal } from "solid-js";

import { core } from "./core";

/** For so long a deletion can be taken back: it has not been sent yet. */
export const UNDO_MS = 5_000;

const [pending, setPending] = createSignal<ReadonlySet<string>>(new Set());
const timers = new Map<string, ReturnType<typeof setTimeout>>();

/** Whether a message is about to be deleted, and looks as if it were. */
export function isBeingRemoved(message_id: string): boolean {
  return pending().has(message_id);
}

export function removeSoon(message_ids: readonly string[], onRefused: (problem: unknown) => void): void {
  setPending(new Set([...pending(), ...message_ids]));
  for (const id of message_ids) {
    timers.set(
      id,
      setTimeout(() => void finish(id).catch(onRefused), UNDO_MS),
    );
  }
}

export function keep(message_ids: readonly string[]): void {
  for (const id of message_ids) {
    clearTimeout(timers.get(id));
    timers.delete(id);
  }
  forget(message_ids);
}

async function finish(message_id: string): Promise<void> {
  clearTimeout(timers.get(message_id));
  if (!timers.delete(message_id)) return;
  try {
    await core().remove(message_id);
  } finally {
    forget([message_id]);
  }
}

function forget(message_ids: readonly string[]): void {
  setPending(new Set([...pending()].filter((id) => !message_ids.includes(id))));
}

// A page that goes away does not take the wish with it.
addEventListener("pagehide", () => {
  for (const id of timers.keys()) void finish(id);
});
