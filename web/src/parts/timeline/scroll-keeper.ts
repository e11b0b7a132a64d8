import { createRowsInView } from "./rows-in-view";

/** Closer to the end than this counts as being there. */
export const STICK_PX = 50;
/** Closer to an edge than this asks for more. */
export const EDGE_PX = 750;
/** How many rows are remembered, in case that some of them go away. */
const ANCHOR_ROWS = 8;

/** Where a row stands, measured from the upper edge of the view. */
export interface Anchor {
  key: string;
  top: number;
}

export interface KeeperOptions {
  scroller: HTMLElement;
  /** Its children are the rows; each has `data-key`. */
  list: HTMLElement;
  /** Whether the end of the list is the end of the conversation. */
  endIsLoaded: () => boolean;
  onEdge: (side: "before" | "after") => void;
  /** The view moved, or what is in it did. */
  onView: () => void;
}

export type ScrollKeeper = ReturnType<typeof createScrollKeeper>;

/**
 * The one owner of `scrollTop`. It remembers where the rows in view stand and puts them back after every change, in
 * the same task; at the end of a conversation it stays at the end instead.
 */
export function createScrollKeeper(options: KeeperOptions) {
  const { scroller, list } = options;
  const view = createRowsInView(scroller, list);
  let anchors: Anchor[] = [];
  let stuck = true;
  let known = 0;

  const fromEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

  const write = (top: number) => {
    scroller.scrollTop = top;
    known = scroller.scrollTop;
  };

  // The second row comes first: the first one may be cut off, or trimmed.
  const capture = () => {
    known = scroller.scrollTop;
    stuck = options.endIsLoaded() && fromEnd() <= STICK_PX;
    const [first, second, ...others] = view.anchors(ANCHOR_ROWS);
    anchors = [second, ...others, first].filter((anchor) => anchor !== undefined);
  };

  const restore = () => {
    if (stuck && options.endIsLoaded()) {
      write(scroller.scrollHeight);
      return;
    }
    for (const { key, top } of anchors) {
      const row = view.byKey(key);
      if (row === null) continue;
      const shift = view.topOf(row) - top;
      if (Math.abs(shift) >= 0.5) write(scroller.scrollTop + shift);
      return;
    }
  };

  const askAtEdges = () => {
    if (scroller.scrollTop < EDGE_PX) options.onEdge("before");
    if (fromEnd() < EDGE_PX) options.onEdge("after");
  };

  const settle = () => {
    capture();
    askAtEdges();
    options.onView();
  };

  const wasMoved = () => Math.abs(scroller.scrollTop - known) >= 1;

  /** Takes account of a motion that was not told yet, where the rows may have changed since. */
  const fold = () => {
    const motion = scroller.scrollTop - known;
    const clamped = motion < 0 && fromEnd() < 1;
    if (!wasMoved() || clamped) return;
    known = scroller.scrollTop;
    anchors = anchors.map(({ key, top }) => ({ key, top: top - motion }));
    if (motion < 0) stuck = false;
  };

  const observer = new ResizeObserver(() => {
    fold();
    restore();
    askAtEdges();
    options.onView();
  });
  observer.observe(list);
  observer.observe(scroller);
  const stopping = new AbortController();
  scroller.addEventListener("scroll", () => wasMoved() && settle(), { passive: true, signal: stopping.signal });

  const align = (key: string, top: (row: Element) => number): boolean => {
    const row = view.byKey(key);
    if (row === null) return false;
    write(scroller.scrollTop + view.topOf(row) - top(row));
    settle();
    return true;
  };

  return {
    preserve: (change: () => void) => {
      // The reader may have moved without the event having been told yet.
      if (wasMoved()) capture();
      change();
      restore();
      askAtEdges();
      options.onView();
    },
    visible: view.range,
    stuck: () => stuck,
    anchor: (): Anchor | null => anchors[0] ?? null,
    toEnd: () => {
      write(scroller.scrollHeight);
      settle();
    },
    toAnchor: ({ key, top }: Anchor) => align(key, () => top),
    toCentre: (key: string) => align(key, (row) => Math.max(0, (scroller.clientHeight - row.clientHeight) / 2)),
    /** Puts a row a part of the view's height below its upper edge. */
    toFraction: (key: string, fraction: number) => align(key, () => Math.round(scroller.clientHeight * fraction)),
    /** Moves just so far that the row is in view. */
    reveal: (row: Element, inset: { top: number; bottom: number }) => {
      const above = view.topOf(row) - inset.top;
      const below = view.topOf(row) + row.clientHeight - scroller.clientHeight + inset.bottom;
      const shift = above < 0 ? above : Math.min(Math.max(0, below), above);
      if (shift !== 0) {
        write(scroller.scrollTop + shift);
        settle();
      }
    },
    moveBy: (pages: number) => {
      write(scroller.scrollTop + pages * scroller.clientHeight);
      settle();
    },
    dispose: () => {
      observer.disconnect();
      stopping.abort();
    },
  };
}
