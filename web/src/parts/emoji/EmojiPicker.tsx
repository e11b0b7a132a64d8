import { createMemo, createResource, createSignal, For, type JSX, Show } from "solid-js";

import { t } from "../../text";
import { Icon } from "../Icon";
import { type Emoji, type Line, linesOf, loadEmoji, search, withTone } from "./emoji";
import { COLUMNS, EmojiGrid, type GridHandle } from "./EmojiGrid";
import "./EmojiPicker.css";

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

/** All emoji, by group or by name. */
export function EmojiPicker(props: EmojiPickerProps): JSX.Element {
  let grid!: GridHandle;
  const [groups] = createResource(() => props.language, loadEmoji);
  const [query, setQuery] = createSignal("");
  // What was used last keeps its order while one picks.
  // eslint-disable-next-line solid/reactivity
  const recent = props.recent.map((emoji): Emoji => ({ emoji, name: emoji, tags: "" }));

  const lines = createMemo((): Line[] => {
    const all = groups() ?? [];
    if (query().trim() !== "") return linesOf([{ group: -1, emoji: search(all, query()) }], COLUMNS);
    const named = all.map((emoji, group) => ({ group, emoji }));
    return linesOf([{ group: RECENT, emoji: recent }, ...named], COLUMNS);
  });
  const heading = (group: number) => {
    const words = t().conversation.emoji_picker;
    return group === RECENT ? words.recent : (words.groups[group] ?? "");
  };
  const toGroup = (group: number) => {
    setQuery("");
    grid.toLine(
      Math.max(
        0,
        lines().findIndex((line) => line.kind === "heading" && line.group === group),
      ),
    );
  };
  const onSearchKey = (event: KeyboardEvent) => {
    const first = grid.current();
    if (first === undefined) return;
    if (event.key === "ArrowDown") grid.enter();
    else if (event.key === "Enter") props.onPick(withTone(first.emoji, props.tone));
    else return;
    event.preventDefault();
  };

  return (
    <div class="emoji-picker" data-testid="emoji-picker" data-state={groups() ? "ready" : "loading"}>
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
            grid.toLine(0);
          }}
          onKeyDown={onSearchKey}
        />
      </label>
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
      <EmojiGrid
        lines={lines()}
        tone={props.tone}
        heading={heading}
        onPick={props.onPick}
        handle={(handle) => {
          grid = handle;
        }}
      />
      <Show when={groups() !== undefined && lines().length === 0}>
        <p class="emoji-picker-none" role="status">
          {t().conversation.emoji_picker.none}
        </p>
      </Show>
      <Tones tone={props.tone} onTone={props.onTone} />
    </div>
  );
}

function Tones(props: { tone: number; onTone: (tone: number) => void }): JSX.Element {
  return (
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
  );
}
