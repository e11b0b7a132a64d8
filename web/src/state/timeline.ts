import type { MessageItem, Slice, TimelineItem, Update } from "@kith/client";

/** How many items are asked for at once. */
export const SLICE_ITEMS = 60;
/** How many items stay loaded, unless more than these are needed around what is visible. */
export const WINDOW_ITEMS = 120;
/** How many go at once where the end is in view: all rows move when one above them goes, and have to be painted again. */
export const CUT_ITEMS = 30;
/** How many items stay loaded beyond the edge of what is visible. */
export const MARGIN_ITEMS = 30;

/** The piece of a conversation that is loaded: a window that moves over the log. */
export interface Timeline {
  items: TimelineItem[];
  /** Every place from `first` to `last` is accounted for. */
  first: number;
  last: number;
  head: number;
  reached_start: boolean;
  reached_end: boolean;
  /** Where the line "unread" stands; it does not move while the conversation is open. */
  unread_from: number | null;
  /** Places of messages of others that came since the opening and were not seen. */
  arrived: number[];
}

export type Side = "before" | "after";
/** Indices into `items`. */
export interface Visible {
  from: number;
  to: number;
}

type TimelineUpdate = Extract<Update, { kind: "timeline" }>;

/** A timeline and what has to be asked for so that it lacks nothing. */
export interface Applied {
  timeline: Timeline;
  wanted: { after: number } | { end: true } | null;
}

export function opened(slice: Slice, me: string): Timeline {
  return {
    ...windowOf(slice),
    unread_from: firstUnread(slice.items, slice.read_seq, me),
    arrived: [],
  };
}

/** The window stands somewhere else; the line and the count stay. */
export function moved(timeline: Timeline, slice: Slice): Timeline {
  return { ...timeline, ...windowOf(slice), head: Math.max(timeline.head, slice.head) };
}

/** The window grew on one side and lost what is far from the view on the other. */
export function extended(timeline: Timeline, slice: Slice, side: Side, visible: Visible | null): Timeline {
  const items = merged(timeline.items, slice.items);
  const grown: Timeline = {
    ...timeline,
    items,
    head: Math.max(timeline.head, slice.head),
    ...(side === "before"
      ? { first: Math.min(timeline.first, slice.first), reached_start: slice.reached_start }
      : { last: Math.max(timeline.last, slice.last), reached_end: slice.reached_end }),
  };
  if (visible === null) return grown;
  const shift = side === "before" ? items.length - timeline.items.length : 0;
  return side === "before"
    ? cutEnd(grown, Math.max(WINDOW_ITEMS, visible.to + shift + 1 + MARGIN_ITEMS))
    : cutStart(grown, Math.min(items.length - WINDOW_ITEMS, visible.from - MARGIN_ITEMS));
}

export interface Viewer {
  me: string;
  /** Whether the end is in view and is to stay there. */
  follows: boolean;
  visible: Visible | null;
}

export function applied(timeline: Timeline, update: TimelineUpdate, viewer: Viewer): Applied {
  const gone = new Set(update.gone);
  const known = new Set(timeline.items.map((item) => item.key));
  const fresh = update.items.filter((item) => known.has(item.key) || belongs(timeline, item));
  const kept = timeline.items.filter((item) => !gone.has(item.key));
  const items = merged(kept, fresh);
  const arrived = update.items.filter((item) => arrives(timeline, item, viewer.me));
  const next: Timeline = {
    ...timeline,
    items,
    last: timeline.reached_end ? contiguous(items, timeline.last) : timeline.last,
    head: Math.max(timeline.head, update.head),
    arrived: merge(
      timeline.arrived,
      arrived.map((item) => item.seq),
    ),
  };
  return caughtUp(next, viewer);
}

/** What was just written stands at the end at once; the core tells about it by the same key. */
export function written(timeline: Timeline, item: MessageItem): Timeline {
  return timeline.reached_end ? { ...timeline, items: merged(timeline.items, [item]) } : timeline;
}

export function unwritten(timeline: Timeline, key: string): Timeline {
  return { ...timeline, items: timeline.items.filter((item) => item.key !== key || item.seq !== null) };
}

/** What was in view is not new any more. */
export function seen(timeline: Timeline, seq: number): Timeline {
  const arrived = timeline.arrived.filter((place) => place > seq);
  return arrived.length === timeline.arrived.length ? timeline : { ...timeline, arrived };
}

/** Where the item with this place is, or the first one after it. */
export function indexAt(items: readonly TimelineItem[], seq: number): number {
  const index = items.findIndex((item) => item.seq === null || item.seq >= seq);
  return index === -1 ? items.length - 1 : index;
}

export function holds(timeline: Timeline, seq: number): boolean {
  return seq >= timeline.first && seq <= timeline.last;
}

function windowOf(slice: Slice) {
  const { items, first, last, head, reached_start, reached_end } = slice;
  return { items, first, last, head, reached_start, reached_end };
}

function firstUnread(items: TimelineItem[], read_seq: number, me: string): number | null {
  const item = items.find(
    ({ kind, seq, sender_id }) => kind === "message" && seq !== null && seq > read_seq && sender_id !== me,
  );
  return item?.seq ?? null;
}

function belongs(timeline: Timeline, { seq }: TimelineItem): boolean {
  if (seq === null) return timeline.reached_end;
  return seq >= timeline.first && (seq <= timeline.last || timeline.reached_end);
}

type PlacedMessage = MessageItem & { seq: number };

/** Whether an item is a message of somebody else that was not known of. */
export function arrives(timeline: Timeline, item: TimelineItem, me: string): item is PlacedMessage {
  const { kind, seq, sender_id } = item;
  return kind === "message" && seq !== null && seq > timeline.head && sender_id !== me;
}

/** A window at the end that lacks places asks for them; one that lacks too many lets go of the end. */
function caughtUp(timeline: Timeline, viewer: Viewer): Applied {
  const { last, head, reached_end } = timeline;
  const lacks = reached_end && head > last;
  if (lacks && head - last > SLICE_ITEMS) {
    return viewer.follows ? { timeline, wanted: { end: true } } : { timeline: withoutEnd(timeline), wanted: null };
  }
  return { timeline: bounded(timeline, viewer), wanted: lacks ? { after: last } : null };
}

function withoutEnd(timeline: Timeline): Timeline {
  const items = timeline.items.filter(({ seq }) => seq !== null && seq <= timeline.last);
  return { ...timeline, items, reached_end: false };
}

function bounded(timeline: Timeline, { follows, visible }: Viewer): Timeline {
  const extra = timeline.items.length - WINDOW_ITEMS;
  if (extra <= 0) return timeline;
  if (follows || visible === null) return cutStart(timeline, extra + CUT_ITEMS);
  const below = timeline.items.length - 1 - visible.to;
  return visible.from >= below
    ? cutStart(timeline, Math.min(extra, visible.from - MARGIN_ITEMS))
    : cutEnd(timeline, Math.max(WINDOW_ITEMS, visible.to + 1 + MARGIN_ITEMS));
}

/** A window begins at a place: what has none yet, at the end, stays. */
function cutStart(timeline: Timeline, most: number): Timeline {
  const count = Math.min(
    most,
    timeline.items.findLastIndex(({ seq }) => seq !== null),
  );
  const kept = timeline.items[count];
  if (count <= 0 || kept?.seq == null) return timeline;
  return {
    ...timeline,
    items: timeline.items.slice(count),
    first: kept.seq,
    reached_start: false,
  };
}

function cutEnd(timeline: Timeline, length: number): Timeline {
  if (timeline.items.length <= length) return timeline;
  const items = timeline.items.slice(0, length).filter(({ seq }) => seq !== null);
  return { ...timeline, items, last: items.at(-1)?.seq ?? timeline.first, reached_end: false };
}

function merged(items: TimelineItem[], changes: TimelineItem[]): TimelineItem[] {
  const byKey = new Map(items.map((item) => [item.key, item]));
  for (const change of changes) byKey.set(change.key, change);
  return [...byKey.values()].sort(inOrder);
}

/** What has no place yet stands at the end, as it was written; sorting is stable. */
function inOrder(a: TimelineItem, b: TimelineItem): number {
  if (a.seq === null || b.seq === null) return Number(a.seq === null) - Number(b.seq === null);
  return a.seq - b.seq;
}

function contiguous(items: TimelineItem[], last: number): number {
  const places = new Set(items.map(({ seq }) => seq));
  let reached = last;
  while (places.has(reached + 1)) reached += 1;
  return reached;
}

function merge(a: number[], b: number[]): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}
