import type { MessageItem, TimelineItem } from "@kith/client";
import { createMemo, createSelector, createSignal, For, type JSX, onCleanup, onMount, Show } from "solid-js";

import { type Point, useMessageHost } from "../../parts/message/context";
import { longPress } from "../../parts/message/long-press";
import { Row } from "../../parts/timeline/Row";
import { createScrollKeeper, type ScrollKeeper } from "../../parts/timeline/scroll-keeper";
import { type TimelineStore } from "../../state/timeline-store";
import { format, t } from "../../text";
import { createListEvents } from "./list-events";
import { createRowFocus } from "./row-focus";
import "./MessageList.css";

/** How long a row is marked after a jump. */
const HIGHLIGHT_MS = 2_200;
/** Where the first unread message stands when a conversation opens, as a part of the view's height. */
const UNREAD_FRACTION = 0.08;
/** So far above the edge, a date can still be read. */
const HEADER_SLACK_PX = 12;

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
  const places = createMemo(() => props.store.timeline.head + outside(items()));
  const isHovered = createSelector(hovered);
  const isHighlighted = createSelector(highlighted);
  const focus = createRowFocus(
    () => list,
    (row) => {
      keeper.reveal(row, { top: 56, bottom: 24 });
    },
  );
  const { itemOf, ...events } = createListEvents({
    host,
    items,
    focus,
    hover: setHovered,
    onReply: (item) => {
      props.onReply(item);
    },
  });
  const isCurrent = createSelector(focus.current);
  let timer: ReturnType<typeof setTimeout> | undefined;

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

  /** Null where the rows say it themselves. */
  const dayAtTop = (): string | null => {
    const top = keeper.visible()?.from ?? 0;
    const item = items()[top];
    const header = list.children[top]?.querySelector(".row-day")?.getBoundingClientRect();
    const isShown = header !== undefined && header.top > scroller.getBoundingClientRect().top - HEADER_SLACK_PX;
    return item === undefined || isShown ? null : format().day(item.sent_at);
  };

  onMount(() => {
    keeper = createScrollKeeper({
      scroller,
      list,
      endIsLoaded: () => props.store.timeline.reached_end,
      onEdge: (side) => void props.store.load(side),
      onView: () => {
        setStickyDay(dayAtTop());
        props.onView();
      },
    });
    const { stuck: follows, visible, preserve } = keeper;
    props.store.attach({ follows, visible, preserve });
    props.handle({ keeper, settle, highlight, itemAt, focusLast: focus.last });
    const stopListening = longPress(list, (target, at) => {
      const item = itemOf(target);
      if (item !== null) host.openMenu(item, at);
    });
    onCleanup(() => {
      keeper.dispose();
      stopListening();
      clearTimeout(timer);
    });
  });

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
      <StickyDay text={stickyDay()} onPress={props.onDay} />
      {props.start}
      <ol ref={list} class="message-list-rows" {...events}>
        <For each={items()}>
          {(item, index) => (
            <Row
              item={item}
              previous={items()[index() - 1]}
              next={items()[index() + 1]}
              place={item.seq ?? props.store.timeline.head + 1 + index()}
              places={places()}
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
  return items.filter(({ seq }) => seq === null).length;
}

/** The date of what is at the top; pressing it goes to another one. */
function StickyDay(props: { text: string | null; onPress: (at: Point) => void }): JSX.Element {
  return (
    <Show when={props.text}>
      {(text) => (
        <div class="message-list-day">
          <button
            type="button"
            data-testid="sticky-day"
            aria-label={`${text()}. ${t().conversation.go_to_date}`}
            onClick={(event) => {
              const { left, bottom } = event.currentTarget.getBoundingClientRect();
              props.onPress({ x: left, y: bottom + 4 });
            }}
          >
            {text()}
          </button>
        </div>
      )}
    </Show>
  );
}
