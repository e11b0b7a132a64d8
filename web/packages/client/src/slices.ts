import type { Place, Slice, TimelineItem } from "./core-api.ts";
import type { Log } from "./log.ts";

/** Events of one page: what a slice needs, and a few more because some show nothing. */
const PAGE_MIN = 50;
const PAGE_MAX = 200;
const PAGE_SPARE = 30;
/** Of a slice around the first unread message, one row of so many stands before it. */
const READ_PART = 3;
const HALF = 2;

/** How to get what is missing. Each throws where it cannot. */
export interface Source {
  pull(after: number, limit: number): Promise<void>;
  catchUp(): Promise<void>;
}

interface Piece {
  items: TimelineItem[];
  /** The outermost place that is accounted for. */
  edge: number;
}

/**
 * A contiguous piece of a log with about `limit` rows, from what is here and, for the rest, from the server.
 *
 * @throws Refused where nothing of it is here and it cannot be had.
 */
export async function sliceOf(log: Log, source: Source, place: Place, limit: number, read_seq: number): Promise<Slice> {
  const walk = new Walk(log, source, limit);
  if ("before" in place) return toSlice(log, await walk.down(place.before - 1, limit), null, place.before, read_seq);
  if ("after" in place) return toSlice(log, null, await walk.up(place.after + 1, limit), place.after + 1, read_seq);
  const middle = "around" in place ? place.around : read_seq + 1;
  const isAtEnd = "end" in place || ("unread" in place && middle > log.head);
  if (isAtEnd) {
    const end = log.covered.isEmpty ? log.head : log.seen;
    const latest = await walk.down(end, limit).catch((error: unknown) => {
      // Without a connection the latest of what is here is better than nothing.
      const here = log.covered.below(end);
      if (here === null) throw error;
      return walk.down(here[1], limit);
    });
    const last = Math.max(latest.edge - 1, ...latest.items.map((item) => item.seq ?? 0));
    return toSlice(log, latest, null, log.covered.has(end) ? end + 1 : last + 1, read_seq);
  }
  const before = Math.floor(limit / ("around" in place ? HALF : READ_PART));
  const above = await walk.up(middle, limit - before);
  const below = await walk.down(middle - 1, limit - above.items.length);
  return toSlice(log, below, above, middle, read_seq);
}

function toSlice(log: Log, below: Piece | null, above: Piece | null, middle: number, read_seq: number): Slice {
  const first = Math.max(1, below?.edge ?? middle);
  const last = above?.edge ?? middle - 1;
  return {
    items: [...(below?.items ?? []).reverse(), ...(above?.items ?? [])],
    first,
    last,
    head: log.head,
    reached_start: first <= log.visible_from,
    reached_end: last >= log.head,
    read_seq,
  };
}

class Walk {
  readonly #log: Log;
  readonly #source: Source;
  readonly #page: number;

  constructor(log: Log, source: Source, limit: number) {
    this.#log = log;
    this.#source = source;
    this.#page = Math.min(PAGE_MAX, Math.max(PAGE_MIN, limit + PAGE_SPARE));
  }

  /** Rows from a place towards the start, the latest first. */
  async down(from: number, count: number): Promise<Piece> {
    const log = this.#log;
    const piece: Piece = { items: [], edge: from + 1 };
    while (piece.items.length < count && piece.edge > log.visible_from) {
      const at = piece.edge - 1;
      const here = log.covered.around(at);
      if (here === null) {
        const after = Math.max(0, at - this.#page, log.covered.below(at)?.[1] ?? 0);
        if (!(await this.#get(piece, () => this.#source.pull(after, at - after), at))) break;
        continue;
      }
      while (piece.edge > here[0] && piece.items.length < count) this.#show((piece.edge -= 1), piece);
    }
    if (piece.edge <= log.visible_from) piece.edge = 1;
    return piece;
  }

  /** Rows from a place towards the end. */
  async up(from: number, count: number): Promise<Piece> {
    const log = this.#log;
    const piece: Piece = { items: [], edge: from - 1 };
    while (piece.items.length < count && piece.edge < log.head) {
      const at = piece.edge + 1;
      const here = log.covered.around(at);
      if (here === null) {
        const lacks = !log.covered.isEmpty && at > log.seen;
        const until = Math.min(at + this.#page, log.covered.above(at)?.[0] ?? Infinity);
        const get = lacks ? () => this.#source.catchUp() : () => this.#source.pull(at - 1, until - at);
        if (!(await this.#get(piece, get, at))) break;
        continue;
      }
      while (piece.edge < here[1] && piece.items.length < count) this.#show((piece.edge += 1), piece);
    }
    return piece;
  }

  #show(seq: number, piece: Piece): void {
    const item = this.#log.items.get(seq);
    if (item) piece.items.push(item);
  }

  /** Gets what is missing at a place. Without it, what is here already will do. */
  async #get(piece: Piece, get: () => Promise<void>, at: number): Promise<boolean> {
    const state = () => JSON.stringify([this.#log.covered, this.#log.seen, this.#log.visible_from]);
    const before = state();
    try {
      await get();
    } catch (error) {
      if (piece.items.length > 0) return false;
      throw error;
    }
    return this.#log.covered.has(at) || state() !== before;
  }
}
