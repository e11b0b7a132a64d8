import type { MessageItem, TimelineItem } from "./core-api.ts";
import { applied, targetOf, toItem } from "./fold.ts";
import type { EventBody, Page } from "./frames.ts";
import { Ranges } from "./ranges.ts";
import type { StoredLog } from "./storage.ts";

/** Events behind a gap that are kept until it is closed; more are pulled again. */
const HELD_MAX = 64;

/**
 * What a device has of one conversation: some ranges of its places, with the rows that stand there.
 *
 * Every row is as it was after the event `seen`, or later. Events behind `seen` are taken only in order, so that an
 * edit or a reaction never comes after one that it came before.
 */
export class Log {
  readonly conversation_id: string;
  readonly items = new Map<number, TimelineItem>();
  readonly covered: Ranges;
  /** The furthest place that anybody spoke of. */
  head: number;
  seen: number;
  /** Places before this one are not for this reader. */
  visible_from: number;
  used_at_ms: number;
  /** The place that was asked for last. */
  shown_at = Number.MAX_SAFE_INTEGER;
  /** Whether the rows are here, and not only in the storage. */
  is_loaded: boolean;
  #held = new Map<number, EventBody>();

  constructor(conversation_id: string, stored?: StoredLog) {
    this.conversation_id = conversation_id;
    this.head = stored?.head ?? 0;
    this.seen = stored?.seen ?? 0;
    this.visible_from = stored?.visible_from ?? 1;
    this.covered = new Ranges(stored?.covered);
    this.used_at_ms = stored?.used_at_ms ?? 0;
    this.is_loaded = this.covered.isEmpty;
  }

  toStored(): StoredLog {
    const { conversation_id, head, seen, visible_from, used_at_ms } = this;
    return {
      conversation_id,
      head,
      seen,
      visible_from,
      covered: this.covered.toJSON(),
      used_at_ms,
    };
  }

  /** Whether events are missing behind what is here. */
  get lags(): boolean {
    return !this.covered.isEmpty && this.seen < this.head;
  }

  reaches(head: number): void {
    this.head = Math.max(this.head, head);
  }

  /** Takes the rows that the storage had. */
  load(items: TimelineItem[]): void {
    for (const item of items) if (item.seq !== null) this.items.set(item.seq, item);
    this.is_loaded = true;
  }

  /** Takes an event as it arrives. Returns the rows that are new or that it concerns. */
  event(seq: number, event: EventBody): TimelineItem[] {
    this.reaches(seq);
    const changed = new Map<number, TimelineItem>();
    if (this.covered.isEmpty || seq === this.seen + 1) {
      this.#take(seq, event, changed);
      this.#takeHeld(changed);
    } else if (seq > this.seen && this.#held.size < HELD_MAX) {
      this.#held.set(seq, event);
    }
    return [...changed.values()];
  }

  /** Takes the answer to a pull after a place. Null if it is older than what is here: ask again. */
  page(after: number, page: Page): TimelineItem[] | null {
    this.reaches(page.head);
    if (this.covered.isEmpty) this.seen = Math.max(this.seen, page.head);
    if (page.head < this.seen) return null;
    if (page.truncated_before !== undefined) {
      this.visible_from = Math.max(this.visible_from, page.truncated_before);
      this.covered.add(1, page.truncated_before - 1);
    }
    const changed = new Map<number, TimelineItem>();
    for (const { seq, event } of page.events) {
      if (seq === this.seen + 1) this.#take(seq, event, changed);
      else if (seq <= this.seen) this.#put(seq, toItem(this.conversation_id, seq, event), changed);
    }
    const last = page.more ? (page.events.at(-1)?.seq ?? after) : page.head;
    this.covered.add(after + 1, Math.min(last, Math.max(this.seen, after)));
    if (!page.more && this.covered.has(this.seen)) this.#skipTo(page.head);
    this.#takeHeld(changed);
    return [...changed.values()];
  }

  /** Shows a state of a message that the log does not know yet. */
  put(item: MessageItem): void {
    if (item.seq !== null && this.items.has(item.seq)) this.items.set(item.seq, item);
  }

  message(seq: number): MessageItem | null {
    const item = this.items.get(seq);
    return item?.kind === "message" ? item : null;
  }

  /** Forgets what lies outside of a range. */
  clip(first: number, last: number): void {
    this.covered.clip(first, last);
    for (const seq of this.items.keys()) if (seq < first || seq > last) this.items.delete(seq);
  }

  clear(): void {
    this.clip(1, 0);
    this.#held.clear();
    this.seen = 0;
    this.visible_from = 1;
    this.is_loaded = true;
  }

  #take(seq: number, event: EventBody, changed: Map<number, TimelineItem>): void {
    this.seen = seq;
    this.covered.add(seq, seq);
    this.#put(seq, toItem(this.conversation_id, seq, event), changed);
    const target = this.message(targetOf(event) ?? 0);
    if (target === null || target.seq === null) return;
    // Also where nothing changes: what was only shown before (`put`) is safe from now on.
    this.#put(target.seq, applied(target, event), changed);
  }

  #put(seq: number, item: TimelineItem | null, changed: Map<number, TimelineItem>): void {
    if (item === null) return;
    this.items.set(seq, item);
    changed.set(seq, item);
  }

  #takeHeld(changed: Map<number, TimelineItem>): void {
    for (;;) {
      const seq = this.seen + 1;
      const event = this.#held.get(seq);
      if (event === undefined) break;
      this.#take(seq, event, changed);
    }
    for (const seq of this.#held.keys()) if (seq <= this.seen) this.#held.delete(seq);
  }

  /** The server has no more for this reader up to its head; asking again would give the same. */
  #skipTo(head: number): void {
    if (head <= this.seen || !this.covered.has(this.seen)) return;
    this.covered.add(this.seen, head);
    this.seen = head;
  }
}
