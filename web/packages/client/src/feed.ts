import type { EventBody, LoggedEvent, Page } from "./frames.ts";

/** Events behind a gap that are kept until it is closed; more are pulled again. */
const HELD_MAX = 64;

/** One conversation for who wants every event of it, in order and once: everything up to a place. */
export class Feed {
  /** The last place up to which everything was given. */
  have: number;
  /** The furthest place that anybody spoke of. */
  #known: number;
  readonly #held = new Map<number, EventBody>();

  constructor(have = 0) {
    this.have = have;
    this.#known = have;
  }

  /** Whether something is missing. */
  get lags(): boolean {
    return this.have < this.#known;
  }

  reaches(seq: number): void {
    this.#known = Math.max(this.#known, seq);
  }

  /** The reader gets nothing more from it, for now. */
  close(): void {
    this.#known = this.have;
    this.#held.clear();
  }

  /** Takes an event as it arrives. Returns what is next, in order. */
  event(seq: number, event: EventBody): LoggedEvent[] {
    this.reaches(seq);
    if (seq > this.have && (seq === this.have + 1 || this.#held.size < HELD_MAX)) {
      this.#held.set(seq, event);
    }
    return this.#next();
  }

  /** Takes the answer to a pull after `have`. Returns what is next, in order. */
  page(page: Page): LoggedEvent[] {
    this.reaches(page.head);
    const first = page.truncated_before ?? page.events[0]?.seq ?? 0;
    // What stands before is not for this reader.
    this.have = Math.max(this.have, first - 1);
    const next: LoggedEvent[] = [];
    for (const { seq, event } of page.events) {
      if (seq === this.have + 1) next.push(this.#give(seq, event));
    }
    // The server has no more for this reader; asking again would give the same.
    if (!page.more && next.length === 0) this.#known = this.have;
    return [...next, ...this.#next()];
  }

  #next(): LoggedEvent[] {
    const next: LoggedEvent[] = [];
    for (;;) {
      const event = this.#held.get(this.have + 1);
      if (event === undefined) break;
      next.push(this.#give(this.have + 1, event));
    }
    for (const seq of this.#held.keys()) if (seq <= this.have) this.#held.delete(seq);
    return next;
  }

  #give(seq: number, event: EventBody): LoggedEvent {
    this.have = seq;
    return { seq, event };
  }
}
