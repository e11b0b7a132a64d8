import type { MessageItem, TimelineItem } from "@kith/client";
import { createSelector, createSignal, For, type JSX, onCleanup, onMount, Show } from "solid-js";

import { type Point, useMessageHost } from "../../parts/message/context";
import { longPress } from "../../parts/message/long-press";
import { Row } from "../../parts/timeline/Row";
import { createScrollKeeper, type ScrollKeeper } from "../../parts/timeline/scroll-keeper";
import { type TimelineStore } from "../../state/timeline-store";
import { format, t } from "../../text";
import { copySelection } from "./copy";
import { createRowFocus } from "./row-focus";
import "./MessageList.css";

/** How long a row is marked after a jump. */
const HIGHLIGHT_MS = 2_200;
/** Where the first unread message stands when a conversation opens, as a part of the view's height. */
const UNREAD_FRACTION = 0.08;

export interface ListHandle {
  keeper: ScrollKeeper;
  /** Where the conversation opens: at a place, at the first unread message, or at the end. */
  settle: (place: number | undefined) => void;
  highlight: (seq: number) => void;
  itemAt: (seq: number) => TimelineItem | undefined;
  focusLast: () => void;
}

interface MessageListProps {
  store: TimelineStore;
  onView: () => void;
  onReply: (item: MessageItem) => void;
  /** The date at the top was pressed. */
  onDay: (at: Point) => void;
  handle: (handle: ListHandle) => void;
  /** What stands before the first row. */
  start: JSX.Element;
}

export function MessageList(props: MessageListProps): JSX.Element {
  const host = useMessageHost();
  const items = () => props.store.timeline.items;
  let scroller!: HTMLDivElement;
  let list!: HTMLOListElement;
  let keeper!: ScrollKeeper;

  const [hovered, setHovered] = createSignal<string | null>(null);
  const [highlighted, setHighlighted] = createSignal<string | null>(null);
  const [stickyDay, setStickyDay] = createSignal<string | null>(null);
  const isHovered = createSelector(hovered);
  const isHighlighted = createSelector(highlighted);
  const focus = createRowFocus(
    () => list,
    (row) => {
      keeper.reveal(row, { top: 56, bottom: 24 });
    },
  );
  const isCurrent = createSelector(focus.current);
  let timer: ReturnType<typeof setTimeout> | undefined;

  const itemOf = (target: EventTarget | null): MessageItem | null => {
    const key = rowOf(target)?.dataset["key"];
    const item = items().find((candidate) => candidate.key === key);
    return item?.kind === "message" ? item : null;
  };
  const itemAt = (seq: number) => items().find((item) => (item.seq ?? Infinity) >= seq);
  const highlight = (seq: number) => {
    const item = itemAt(seq);
    if (item === undefined) return;
    keeper.toCentre(item.key);
    clearTimeout(timer);
    setHighlighted(null);
    setHighlighted(item.key);
    timer = setTimeout(() => setHighlighted(null), HIGHLIGHT_MS);
  };
  const settle = (place: number | undefined) => {
    const unread = props.store.timeline.unread_from;
    const first = unread === null ? undefined : itemAt(unread);
    if (place !== undefined) highlight(place);
    else if (first !== undefined) keeper.toFraction(first.key, UNREAD_FRACTION);
    else keeper.toEnd();
    focus.set(items().at(-1)?.key ?? null);
    mark();
  };

  onMount(() => {
    keeper = createScrollKeeper({
      scroller,
      list,
      endIsLoaded: () => props.store.timeline.reached_end,
      onEdge: (side) => void props.store.load(side),
      onView: () => {
        const top = keeper.visible();
        const item = top === null ? undefined : items()[top.from];
        const headed = list.children[top?.from ?? 0]?.querySelector(".row-day");
        const edge = scroller.getBoundingClientRect().top;
        const shown = headed != null && headed.getBoundingClientRect().top > edge - 12;
        setStickyDay(item === undefined || shown ? null : format().day(item.sent_at));
        props.onView();
      },
    });
    props.store.attach({
      follows: keeper.stuck,
      visible: keeper.visible,
      preserve: keeper.preserve,
    });
    props.handle({ keeper, settle, highlight, itemAt, focusLast: focus.last });
    onCleanup(keeper.dispose);
    onCleanup(
      longPress(list, (target, at) => {
        const item = itemOf(target);
        if (item !== null) host.openMenu(item, at);
      }),
    );
    onCleanup(() => {
      clearTimeout(timer);
    });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (rowOf(event.target) !== event.target) return;
    if (focus.onKey(event)) return;
    const item = itemOf(event.target);
    if (item === null) return;
    if (host.selecting() && (event.key === " " || event.key === "Enter")) {
      host.toggleSelected(item);
    } else if (event.key === "Enter" || event.key === "ContextMenu") {
      const box = (event.target as HTMLElement).querySelector(".message-bubble")?.getBoundingClientRect();
      host.openMenu(item, { x: box?.left ?? 0, y: box?.bottom ?? 0 });
    } else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      class="message-list"
      data-testid="message-list"
      data-selecting={host.selecting() ? "" : undefined}
      data-state={props.store.status()}
      role="log"
      aria-live="off"
      aria-label={t().conversation.messages}
    >
      <Show when={stickyDay()}>
        {(text) => (
          <div class="message-list-day">
            <button
              type="button"
              data-testid="sticky-day"
              aria-label={`${text()}. ${t().conversation.go_to_date}`}
              onClick={(event) => {
                const { left, bottom } = event.currentTarget.getBoundingClientRect();
                props.onDay({ x: left, y: bottom + 4 });
              }}
            >
              {text()}
            </button>
          </div>
        )}
      </Show>
      {props.start}
      <ol
        ref={list}
        class="message-list-rows"
        onKeyDown={onKeyDown}
        onFocusIn={(event) => {
          const key = rowOf(event.target)?.dataset["key"] ?? null;
          focus.set(key);
          if ((event.target as Element).matches(":focus-visible")) setHovered(key);
        }}
        onFocusOut={() => setHovered(null)}
        onPointerOver={(event) => {
          if (event.pointerType === "mouse") setHovered(rowOf(event.target)?.dataset["key"] ?? null);
        }}
        onPointerLeave={() => setHovered(null)}
        onContextMenu={(event) => {
          const item = itemOf(event.target);
          if (item === null || isOwnMenu(event.target)) return;
          event.preventDefault();
          host.openMenu(item, { x: event.clientX, y: event.clientY });
        }}
        onClick={(event) => {
          const item = itemOf(event.target);
          if (item !== null && host.selecting() && !isControl(event.target)) host.toggleSelected(item);
        }}
        onDblClick={(event) => {
          const item = itemOf(event.target);
          if (item !== null && !host.selecting() && rowOf(event.target) === event.target) {
            props.onReply(item);
          }
        }}
        onCopy={(event) => {
          copySelection(event, items(), host.nameOf);
        }}
      >
        <For each={items()}>
          {(item, index) => (
            <Row
              item={item}
              previous={items()[index() - 1]}
              next={items()[index() + 1]}
              place={item.seq ?? props.store.timeline.head + 1 + index()}
              places={props.store.timeline.head + outside(items())}
              unreadStartsHere={item.seq !== null && item.seq === props.store.timeline.unread_from}
              current={isCurrent(item.key)}
              hovered={isHovered(item.key)}
              highlighted={isHighlighted(item.key)}
            />
          )}
        </For>
      </ol>
    </div>
  );
}

let painted = false;

function mark(): void {
  if (!painted) performance.mark("first-message");
  painted = true;
  performance.mark("conversation-painted");
}

function outside(items: TimelineItem[]): number {
  let count = 0;
  while (items.at(-1 - count)?.seq === null) count += 1;
  return count;
}

function rowOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".row") : null;
}

/** What brings its own menu, or is pressed for itself. */
function isOwnMenu(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a") !== null;
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a, button, input") !== null;
}
