/**
 * One press of Escape closes one thing: the uppermost. Menus and dialogs stop the key themselves, so they come first
 * without being here.
 */
export type EscapeLevel = "menu" | "reply" | "search" | "panel" | "conversation";

const order: EscapeLevel[] = ["menu", "reply", "search", "panel", "conversation"];
const handlers = new Set<{ level: EscapeLevel; handle: () => boolean }>();

/** `handle` says whether it had something to close. The answer takes it away again. */
export function onEscape(level: EscapeLevel, handle: () => boolean): () => void {
  const entry = { level, handle };
  handlers.add(entry);
  return () => handlers.delete(entry);
}

/** Whether something was closed. */
export function escape(): boolean {
  for (const level of order) {
    // What was opened last lies on top.
    const there = [...handlers].filter((entry) => entry.level === level).reverse();
    if (there.some((entry) => entry.handle())) return true;
  }
  return false;
}
