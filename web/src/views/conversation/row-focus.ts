import { createSignal } from "solid-js";

export type RowFocus = ReturnType<typeof createRowFocus>;

/** One row can be reached by Tab; the arrows go on from there. */
export function createRowFocus(list: () => HTMLElement, reveal: (row: Element) => void) {
  const [current, set] = createSignal<string | null>(null);

  const go = (row: Element | null | undefined) => {
    if (!(row instanceof HTMLElement)) return;
    set(row.dataset["key"] ?? null);
    row.focus({ preventScroll: true });
    reveal(row);
  };

  const onKey = (event: KeyboardEvent): boolean => {
    const row = event.target as Element;
    const target = {
      ArrowUp: row.previousElementSibling,
      ArrowDown: row.nextElementSibling,
      Home: list().firstElementChild,
      End: list().lastElementChild,
    }[event.key];
    if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return false;
    event.preventDefault();
    go(target);
    return true;
  };

  return {
    current,
    set,
    onKey,
    last: () => {
      go(list().lastElementChild);
    },
  };
}
