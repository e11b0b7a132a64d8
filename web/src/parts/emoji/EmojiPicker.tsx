import { createMemo, createResource, createSignal, For, type JSX, Show } from "solid-js";

import { t } from "../../text";
import { Icon } from "../Icon";
import { type Cell, type Emoji, type Line, linesOf, loadEmoji, moveIn, search, withTone } from "./emoji";
import "./EmojiPicker.css";

const COLUMNS = 8;
const LINE_PX = 40;
const HEIGHT_PX = 320;
/** Lines that are drawn beyond what is visible. */
const SPARE_LINES = 3;
/** Stands for the group of what was used last. */
const RECENT = 100;
const GROUP_SIGNS = ["😀", "👋", "🐻", "🍎", "✈️", "⚽", "💡", "❤️", "🏁"];

interface EmojiPickerProps {
  language: string;
  recent: readonly string[];
  tone: number;
  onTone: (tone: number) => void;
  onPick: (emoji: string) => void;
}

/** All emoji, by group or by name; only the lines in view are drawn. */
export function EmojiPicker(props: EmojiPickerProps): JSX.Element {
  let grid!: HTMLDivElement;
  const [groups] = createResource(() => props.language, loadEmoji);
  const [query, setQuery] = createSignal("");
  const [top_px, setTop] = createSignal(0);
  const [cell, setCell] = createSignal<Cell>({ line: -1, column: 0 });
  // What was used last keeps its order while one picks.
  // eslint-disable-next-line solid/reactivity
  const recent = props.recent.map((emoji): Emoji => ({ emoji, name: emoji, tags: "" }));

  const lines = createMemo((): Line[] => {
    const all = groups() ?? [];
    if (query().trim() !== "") return linesOf([{ group: -1, emoji: search(all, query()) }], COLUMNS);
    const named = all.map((emoji, group) => ({ group, emoji }));
    return linesOf([{ group: RECENT, emoji: recent }, ...named], COLUMNS);
  });
  const drawn = createMemo(() => {
    const from = Math.max(0, Math.floor(top_px() / LINE_PX) - SPARE_LINES);
    const count = Math.ceil(HEIGHT_PX / LINE_PX) + 2 * SPARE_LINES;
    return lines()
      .slice(from, from + count)
      .map((line, at) => ({ line, at: from + at }));
  });
  const toned = ({ emoji }: Emoji) => withTone(emoji, props.tone);
  const current = (): Cell => {
    const { line, column } = cell();
    if (lines()[line]?.kind === "row") return { line, column };
    return { line: lines().findIndex(({ kind }) => kind === "row"), column: 0 };
  };

  const go = (next: Cell) => {
    setCell(next);
    const at = next.line * LINE_PX;
    if (at < grid.scrollTop) grid.scrollTop = Math.max(0, at - LINE_PX);
    if (at + LINE_PX > grid.scrollTop + grid.clientHeight) {
      grid.scrollTop = at + LINE_PX - grid.clientHeight;
    }
    setTop(grid.scrollTop);
    grid.querySelector<HTMLElement>(`[data-cell="${next.line}-${next.column}"]`)?.focus({
      preventScroll: true,
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const rtl = getComputedStyle(grid).direction === "rtl";
    const flipped: Record<string, string> = {
      ArrowLeft: "ArrowRight",
      ArrowRight: "ArrowLeft",
    };
    const key = rtl ? (flipped[event.key] ?? event.key) : event.key;
    const next = moveIn(lines(), current(), key);
    if (next === null) return;
    event.preventDefault();
    go(next);
  };
  const toGroup = (group: number) => {
    setQuery("");
    const line = lines().findIndex((candidate) => candidate.kind === "heading" && candidate.group === group);
    grid.scrollTop = Math.max(0, line) * LINE_PX;
    setTop(grid.scrollTop);
  };
  const heading = (group: number) => {
    const words = t().conversation.emoji_picker;
    return group === RECENT ? words.recent : (words.groups[group] ?? "");
  };

  return (
    <div class="emoji-picker" data-testid="emoji-picker" data-state={groups() ? "ready" : "loading"}>
      <div
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "Enter") return;
          const { line, column } = current();
          const row = lines()[line];
          if (row?.kind !== "row") return;
          event.preventDefault();
          const emoji = row.emoji[column];
          if (event.key === "ArrowDown") go({ line, column });
          else if (emoji !== undefined) props.onPick(toned(emoji));
        }}
      >
        <label class="emoji-picker-search">
          <Icon name="search" size="s" />
          <input
            type="search"
            data-testid="emoji-search"
            autofocus
            autocomplete="off"
            aria-label={t().conversation.emoji_picker.search}
            placeholder={t().conversation.emoji_picker.search}
            value={query()}
            onInput={(event) => {
              setQuery(event.currentTarget.value);
              grid.scrollTop = 0;
              setTop(0);
              setCell({ line: -1, column: 0 });
            }}
          />
        </label>
      </div>
      <div class="emoji-picker-groups" role="toolbar" aria-label={t().conversation.emoji_picker.title}>
        <For each={GROUP_SIGNS}>
          {(sign, group) => (
            <button
              type="button"
              aria-label={heading(group())}
              data-tooltip={heading(group())}
              onClick={() => {
                toGroup(group());
              }}
            >
              {sign}
            </button>
          )}
        </For>
      </div>
      <div
        ref={grid}
        class="emoji-picker-grid"
        role="grid"
        aria-label={t().conversation.emoji_picker.title}
        aria-rowcount={lines().length}
        onScroll={() => setTop(grid.scrollTop)}
        onKeyDown={onKeyDown}
      >
        <Show when={groups() !== undefined && lines().length === 0}>
          <p class="emoji-picker-none">{t().conversation.emoji_picker.none}</p>
        </Show>
        <div style={{ height: `${lines().length * LINE_PX}px` }} role="presentation">
          <For each={drawn()}>
            {({ line, at }) => (
              <div class="emoji-picker-line" role="row" aria-rowindex={at + 1} style={{ top: `${at * LINE_PX}px` }}>
                {line.kind === "heading" ? (
                  <span class="emoji-picker-heading" role="rowheader">
                    {heading(line.group)}
                  </span>
                ) : (
                  <For each={line.emoji}>
                    {(emoji, column) => (
                      <span role="gridcell">
                        <button
                          type="button"
                          class="emoji-picker-emoji"
                          data-testid="emoji"
                          data-emoji={toned(emoji)}
                          data-cell={`${at}-${column()}`}
                          aria-label={emoji.name}
                          title={emoji.name}
                          tabindex={current().line === at && current().column === column() ? 0 : -1}
                          onClick={() => {
                            props.onPick(toned(emoji));
                          }}
                        >
                          {toned(emoji)}
                        </button>
                      </span>
                    )}
                  </For>
                )}
              </div>
            )}
          </For>
        </div>
      </div>
      <div class="emoji-picker-tones" role="radiogroup" aria-label={t().conversation.emoji_picker.tone}>
        <For each={t().conversation.emoji_picker.tones}>
          {(name, tone) => (
            <button
              type="button"
              role="radio"
              aria-checked={props.tone === tone()}
              aria-label={name}
              data-tooltip={name}
              onClick={() => {
                props.onTone(tone());
              }}
            >
              {withTone("✋", tone())}
            </button>
          )}
        </For>
      </div>
    </div>
  );
}
