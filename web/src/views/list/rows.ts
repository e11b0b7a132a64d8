/** Rows by the id of their conversation, for the keyboard. */
function rowOf(conversation_id: string): HTMLElement | null {
  return document.querySelector(`[data-conversation="${CSS.escape(conversation_id)}"]`);
}

/** After the next frame, because what covers the list now may just be going. */
export function focusRow(conversation_id: string): void {
  requestAnimationFrame(() => rowOf(conversation_id)?.focus());
}

export function revealRow(conversation_id: string): void {
  requestAnimationFrame(() => rowOf(conversation_id)?.scrollIntoView({ block: "nearest" }));
}

export function focusSearch(): void {
  document.querySelector<HTMLElement>('.list-pane [data-testid="search-field"]')?.focus();
}

/** Up, down, first and last among the links of a list. */
export function moveAmongRows(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("a[data-row], button[data-row]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (next === undefined || at < 0) return;
  event.preventDefault();
  rows[Math.max(0, Math.min(next, rows.length - 1))]?.focus();
}
