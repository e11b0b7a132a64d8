import { createMemo, createSignal, For, type JSX, Show } from "solid-js";

import { t } from "../../text";
import { type Cell, type Emoji, type Line, moveIn, withTone } from "./emoji";
import "./EmojiGrid.css";

export const COLUMNS = 8;
const LINE_PX = 40;
const HEIGHT_PX = 320;
/** Lines that are drawn beyond what is visible. */
const SPARE_LINES = 3;

export interface GridHandle {
  /** Puts the focus on the emoji that the keyboard is at. */
  enter: () => void;
  /** The emoji that the keyboard is at. */
  current: () => Emoji | undefined;
  toLine: (line: number) => void;
}

interface EmojiGridProps {
  lines: Line[];
  tone: number;
  heading: (group: number) => string;
  onPick: (emoji: string) => void;
  handle: (handle: GridHandle) => void;
}

/** Lines of emoji, of which only those in view are drawn; the arrows move in two dimensions. */
export function EmojiGrid(props: EmojiGridProps): JSX.Element {
  let grid!: HTMLDivElement;
  const [top_px, setTop] = createSignal(0);
  const [cell, setCell] = createSignal<Cell>({ line: -1, column: 0 });
  const drawn = createMemo(() => {
    const from = Math.max(0, Math.floor(top_px() / LINE_PX) - SPARE_LINES);
    const count = Math.ceil(HEIGHT_PX / LINE_PX) + 2 * SPARE_LINES;
    return props.lines.slice(from, from + count).map((line, at) => ({ line, at: from + at }));
  });
  const current = (): Cell => {
    const { line, column } = cell();
    const row = props.lines[line];
    if (row?.kind === "row" && column < row.emoji.length) return { line, column };
    return { line: props.lines.findIndex(({ kind }) => kind === "row"), column: 0 };
  };

  const scrollTo = (top: number) => {
    grid.scrollTop = top;
    setTop(grid.scrollTop);
  };
  const go = (next: Cell) => {
    setCell(next);
    const top = next.line * LINE_PX;
    if (top < grid.scrollTop) scrollTo(Math.max(0, top - LINE_PX));
    else if (top + LINE_PX > grid.scrollTop + grid.clientHeight) scrollTo(top + LINE_PX - grid.clientHeight);
    const button = grid.querySelector<HTMLElement>(`[data-cell="${next.line}-${next.column}"]`);
    button?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const rtl = getComputedStyle(grid).direction === "rtl";
    const flipped: Record<string, string> = { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" };
    const next = moveIn(props.lines, current(), rtl ? (flipped[event.key] ?? event.key) : event.key);
    if (next === null) return;
    event.preventDefault();
    go(next);
  };

  // It is handed over once.
  // eslint-disable-next-line solid/reactivity
  props.handle({
    enter: () => {
      go(current());
    },
    current: () => {
      const { line, column } = current();
      const row = props.lines[line];
      return row?.kind === "row" ? row.emoji[column] : undefined;
    },
    toLine: (line) => {
      setCell({ line: -1, column: 0 });
      scrollTo(line * LINE_PX);
    },
  });

  return (
    <div
      ref={grid}
      class="emoji-grid"
      role="grid"
      aria-label={t().conversation.emoji_picker.title}
      aria-rowcount={props.lines.length}
      onScroll={() => setTop(grid.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div class="emoji-grid-lines" style={{ height: `${props.lines.length * LINE_PX}px` }} role="presentation">
        <For each={drawn()}>
          {({ line, at }) => (
            <div class="emoji-grid-line" role="row" aria-rowindex={at + 1} style={{ top: `${at * LINE_PX}px` }}>
              <Show
                when={line.kind === "row" && line}
                fallback={
                  <span class="emoji-grid-heading" role="rowheader">
                    {line.kind === "heading" && props.heading(line.group)}
                  </span>
                }
              >
                {(row) => (
                  <For each={row().emoji}>
                    {(emoji, column) => (
                      <EmojiCell
                        name={emoji.name}
                        emoji={withTone(emoji.emoji, props.tone)}
                        cell={`${at}-${column()}`}
                        current={current().line === at && current().column === column()}
                        onPick={props.onPick}
                      />
                    )}
                  </For>
                )}
              </Show>
            </div>
          )}
        </For>
      </div>
    </div>
  );
}

interface EmojiCellProps {
  name: string;
  emoji: string;
  cell: string;
  current: boolean;
  onPick: (emoji: string) => void;
}

function EmojiCell(props: EmojiCellProps): JSX.Element {
  return (
    <span role="gridcell">
      <button
        type="button"
        class="emoji-grid-emoji"
        data-testid="emoji"
        data-emoji={props.emoji}
        data-cell={props.cell}
        aria-label={props.name}
        title={props.name}
        tabindex={props.current ? 0 : -1}
        onClick={() => {
          props.onPick(props.emoji);
        }}
      >
        {props.emoji}
      </button>
    </span>
  );
}
