import type { Slice, Update } from "@kith/client";
import { type OpeningItems, READ_PART } from "../core/opening";
import { applied, type Timeline } from "./timeline";

/** So many of the timelines that were just shown are kept. */
const KEPT_MAX = 8;

/**
 * The timelines that were just shown, kept in step with what happens: whoever comes back to one sees it with the very
 * frame that opens it. The one that was left last stands last.
 */
const kept = new Map<string, Timeline>();

/** A timeline is not shown any more. Only one that goes to the end can be kept in step. */
export function keepTimeline(conversation: string, timeline: Timeline): void {
  kept.delete(conversation);
  if (!isWhole(timeline)) return;
  kept.set(conversation, timeline);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
}

/** The piece of a timeline with which its conversation opens, if it is here. */
export function keptSlice(conversation: string, read_seq: number, count: OpeningItems): Slice | null {
  const timeline = kept.get(conversation);
  return timeline === undefined ? null : pieceOf(timeline, read_seq, count);
}

export function tellKept(update: Update): void {
  switch (update.kind) {
    case "timeline":
      follow(update);
      break;
    case "timeline-reset":
      kept.delete(update.conversation_id);
      break;
    case "conversations":
      for (const gone of update.gone) kept.delete(gone);
      break;
    case "signed-out":
      kept.clear();
      break;
    default:
  }
}

function follow(update: Extract<Update, { kind: "timeline" }>): void {
  const timeline = kept.get(update.conversation_id);
  if (timeline === undefined) return;
  const next = applied(timeline, update, { me: "", follows: true, visible: null }).timeline;
  if (isWhole(next)) kept.set(update.conversation_id, next);
  else kept.delete(update.conversation_id);
}

function isWhole({ items, reached_end, head, last }: Timeline): boolean {
  return items.length > 0 && reached_end && head <= last;
}

/** From the end, or around the first unread one: as the core would cut it. */
function pieceOf({ items, ...timeline }: Timeline, read_seq: number, count: OpeningItems): Slice | null {
  const unread = items.findIndex(({ seq }) => seq !== null && seq > read_seq);
  const read_items = Math.floor(count.at_unread * READ_PART);
  const wanted = unread === -1 ? items.length - count.at_end : unread - read_items;
  const from = Math.max(0, wanted);
  const piece = items.slice(from, from + (unread === -1 ? count.at_end : count.at_unread));
  const reached_start = from === 0 && timeline.reached_start;
  const reached_end = from + piece.length === items.length;
  const first = from === 0 ? timeline.first : piece[0]?.seq;
  const last = reached_end ? timeline.last : piece.at(-1)?.seq;
  // With nothing that was read before it, it need not be the first one.
  const isKnown = unread !== 0 || reached_start;
  if (first == null || last == null || !isKnown) return null;
  return { items: piece, first, last, head: timeline.head, reached_start, reached_end, read_seq };
}
