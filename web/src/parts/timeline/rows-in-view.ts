/** Where the rows of a list stand, measured against the view that they are scrolled in. */
export function createRowsInView(scroller: HTMLElement, list: HTMLElement) {
  const edges = () => scroller.getBoundingClientRect();
  const topOf = (row: Element) => row.getBoundingClientRect().top - edges().top;

  /** The index of the first row that is not wholly above the view. */
  const first = (): number => {
    const { top } = edges();
    let low = 0;
    let high = list.children.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = list.children[middle];
      if (row && row.getBoundingClientRect().bottom > top) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  const range = (): { from: number; to: number } | null => {
    const from = first();
    if (from >= list.children.length) return null;
    const { bottom } = edges();
    let to = from;
    for (let next = list.children[to + 1]; next; next = list.children[to + 1]) {
      if (next.getBoundingClientRect().top >= bottom) break;
      to += 1;
    }
    return { from, to };
  };

  return {
    topOf,
    range,
    byKey: (key: string) => list.querySelector(`:scope > [data-key="${CSS.escape(key)}"]`),
    /** Some rows from the first visible one on, and where they stand. */
    anchors: (count: number): { key: string; top: number }[] => {
      const from = first();
      const rows = [...list.children].slice(from, from + count) as HTMLElement[];
      return rows.map((row) => ({ key: row.dataset["key"] ?? "", top: topOf(row) }));
    },
  };
}
