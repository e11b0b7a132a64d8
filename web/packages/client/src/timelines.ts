import type { MessageItem, TimelineItem, Update } from "./core-api.ts";
import type { EventBody, Page } from "./frames.ts";
import { placeOf } from "./ids.ts";
import { Log } from "./log.ts";
import { Refused } from "./problem.ts";
import type { Saver } from "./saver.ts";
import type { Storage, StoredLog, Write } from "./storage.ts";

/** A cache that lacks more than this is dropped and begun anew: pulling it all would cost more than it is worth. */
const CATCH_UP_MAX = 400;
const PAGE_EVENTS = 200;
/** Conversations that are kept up to date without being asked for. */
const RECENT_MAX = 8;
/** Conversations whose rows are kept, and how many of each. */
const LOGS_MAX = 30;
const ROWS_MAX = 400;
/** Of the few that may be open now, so many rows are kept before they are cut to half around what is shown. */
const OPEN_MAX = 4;
const OPEN_ROWS_MAX = 4000;
const TRIM_EVERY_MS = 10_000;

export interface TimelinesOptions {
  storage: Storage;
  saver: Saver;
  pull: (conversation_id: string, after: number, limit: number) => Promise<Page>;
  tell(update: Update): void;
  /** The conversation is not the viewer's any more. */
  gone: (conversation_id: string) => void;
  /** The log ends earlier than it did. */
  wentBack: (conversation_id: string, head: number) => void;
}

/** The cached logs of all conversations, kept in step with the server. */
export class Timelines {
  readonly #options: TimelinesOptions;
  readonly #logs = new Map<string, Log>();
  readonly #loading = new Map<string, Promise<Log>>();
  readonly #catching_up = new Map<string, Promise<void>>();
  #trim: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TimelinesOptions) {
    this.#options = options;
  }

  restore(stored: StoredLog[]): void {
    for (const log of stored) this.#logs.set(log.conversation_id, new Log(log.conversation_id, log));
  }

  /** The log as far as it is known, without its rows if they were not needed yet. */
  peek(conversation_id: string): Log | undefined {
    return this.#logs.get(conversation_id);
  }

  /** The log with its rows. */
  async open(conversation_id: string): Promise<Log> {
    const log = this.#log(conversation_id);
    return log.is_loaded ? log : this.#load(log);
  }

  /** Somebody looks at this conversation: it is kept, and kept up to date. */
  used(log: Log): void {
    log.used_at_ms = Date.now();
    this.#save(log);
  }

  /** Takes an event as it arrives, after those that arrived before. */
  event(conversation_id: string, seq: number, event: EventBody): void {
    const log = this.#log(conversation_id);
    if (log.is_loaded) this.#event(log, seq, event);
    else
      void this.#load(log).then(() => {
        this.#event(log, seq, event);
      });
  }

  /** The conversation is known, from elsewhere, to reach a place. */
  reaches(conversation_id: string, head: number): void {
    const log = this.#log(conversation_id);
    if (head > log.head) {
      log.reaches(head);
      this.#save(log);
    } else if (head < log.head) {
      // The list lags a moment behind the log, or the server was set back: the log itself tells.
      void this.#ask(log, log.head, 1).catch(() => undefined);
    }
  }

  /** Gets what is missing of the conversations that are or were just shown. */
  catchUpRecent(): void {
    const used = [...this.#logs.values()].filter((log) => log.used_at_ms > 0 && !log.covered.isEmpty);
    used.sort((one, other) => other.used_at_ms - one.used_at_ms);
    for (const log of used.slice(0, RECENT_MAX)) {
      if (log.lags) void this.catchUp(log).catch(() => undefined);
    }
  }

  /** Gets what is missing behind what is here. @throws Refused `offline`, and where the conversation is gone. */
  catchUp(log: Log): Promise<void> {
    const running = this.#catching_up.get(log.conversation_id);
    if (running) return running;
    const catching_up = this.#catchUp(log).finally(() => {
      this.#catching_up.delete(log.conversation_id);
    });
    this.#catching_up.set(log.conversation_id, catching_up);
    return catching_up;
  }

  /** Gets what is missing of a conversation. @throws Refused */
  async fetch(conversation_id: string): Promise<void> {
    await this.catchUp(await this.open(conversation_id));
  }

  /** Pulls the events after a place. @throws Refused */
  async pull(log: Log, after: number, limit: number): Promise<void> {
    for (;;) {
      const page = await this.#ask(log, after, limit);
      const changed = log.page(after, page);
      if (changed === null) continue;
      this.#put(log, changed);
      return;
    }
  }

  /** A message that is here. */
  async message(message_id: string): Promise<MessageItem | null> {
    const place = placeOf(message_id);
    if (place === null || !this.#logs.has(place.conversation_id)) return null;
    return (await this.open(place.conversation_id)).message(place.seq);
  }

  /** The latest row of a conversation, as far as it is here. */
  lastItem(conversation_id: string): TimelineItem | null {
    const log = this.#logs.get(conversation_id);
    const [first, last] = log?.covered.around(log.seen) ?? [1, 0];
    for (let seq = last; seq >= first; seq -= 1) {
      const item = log?.items.get(seq);
      if (item) return item;
    }
    return null;
  }

  /** Messages of others after a place; null where not all of them are here. */
  countUnread(conversation_id: string, after: number, me: string): number | null {
    const log = this.#logs.get(conversation_id);
    const here = log?.covered.around(log.head);
    if (!log?.is_loaded || !here || here[0] > after + 1) return null;
    const unread = [...log.items].filter(
      ([seq, item]) => seq > after && item.kind === "message" && item.sender_id !== me && !item.deleted,
    );
    return unread.length;
  }

  /** Shows a change that is not in the log, or not yet. */
  change(conversation_id: string, item: MessageItem): void {
    const log = this.#log(conversation_id);
    log.put(item);
    this.#tell(log, [item]);
  }

  /** Drops the rows of a conversation: what is shown has to be asked for again. */
  reset(conversation_id: string): void {
    const log = this.#logs.get(conversation_id);
    if (log === undefined) return;
    this.#clear(log);
    this.#tellReset(log);
  }

  forget(conversation_id: string): void {
    this.#logs.delete(conversation_id);
    this.#options.saver.soon(
      { drop: conversation_id, keep: null },
      { table: "logs", key: conversation_id, value: null },
    );
  }

  /** What can go when the device has no more room: half of the conversations, the least used ones first. */
  makeRoom(): Write[] {
    const kept = this.#byUse().filter((log) => !log.covered.isEmpty);
    const dropped = kept.slice(Math.max(1, Math.floor(kept.length / 2)));
    for (const log of dropped) {
      log.clear();
      this.#tellReset(log);
    }
    return dropped.flatMap((log): Write[] => [
      { drop: log.conversation_id, keep: null },
      { table: "logs", key: log.conversation_id, value: log.toStored() },
    ]);
  }

  stop(): void {
    clearTimeout(this.#trim);
    this.#logs.clear();
  }

  #log(conversation_id: string): Log {
    const found = this.#logs.get(conversation_id) ?? new Log(conversation_id);
    this.#logs.set(conversation_id, found);
    return found;
  }

  #load(log: Log): Promise<Log> {
    const running = this.#loading.get(log.conversation_id);
    if (running) return running;
    const loading = this.#options.storage
      .items(log.conversation_id)
      .then(
        (items) => {
          log.load(items);
        },
        () => {
          log.clear();
        },
      )
      .then(() => {
        this.#loading.delete(log.conversation_id);
        return log;
      });
    this.#loading.set(log.conversation_id, loading);
    return loading;
  }

  #event(log: Log, seq: number, event: EventBody): void {
    const changed = log.event(seq, event);
    this.#put(log, changed);
    if (log.lags) void this.catchUp(log).catch(() => undefined);
  }

  async #catchUp(log: Log): Promise<void> {
    await this.open(log.conversation_id);
    if (log.lags && log.head - log.seen > CATCH_UP_MAX) {
      this.reset(log.conversation_id);
      return;
    }
    while (log.lags) {
      const before = log.seen;
      await this.pull(log, before, PAGE_EVENTS);
      if (log.seen === before) break;
    }
  }

  async #ask(log: Log, after: number, limit: number): Promise<Page> {
    const { pull, gone } = this.#options;
    const head = log.head;
    try {
      const page = await pull(log.conversation_id, after, limit);
      if (page.head < head) this.#wentBack(log, page.head);
      return page;
    } catch (error) {
      if (error instanceof Refused && error.final) gone(log.conversation_id);
      throw error;
    }
  }

  /** The server was set back to a copy of its past: what is here is from a time that it does not know. */
  #wentBack(log: Log, head: number): void {
    log.head = head;
    this.reset(log.conversation_id);
    this.#options.wentBack(log.conversation_id, head);
  }

  #put(log: Log, changed: TimelineItem[]): void {
    const { saver } = this.#options;
    for (const item of changed) {
      if (item.seq !== null) saver.soon({ table: "items", key: [log.conversation_id, item.seq], value: item });
    }
    this.#save(log);
    this.#tell(log, changed);
    this.#trim ??= setTimeout(() => {
      this.#trimAll();
    }, TRIM_EVERY_MS);
  }

  #tell(log: Log, items: TimelineItem[]): void {
    const { conversation_id, head } = log;
    this.#options.tell({ kind: "timeline", conversation_id, items, gone: [], head });
  }

  #tellReset({ conversation_id }: Log): void {
    this.#options.tell({ kind: "timeline-reset", conversation_id });
  }

  #save(log: Log): void {
    this.#options.saver.soon({
      table: "logs",
      key: log.conversation_id,
      value: log.toStored(),
    });
  }

  #clear(log: Log): void {
    log.clear();
    this.#options.saver.soon({ drop: log.conversation_id, keep: null });
    this.#save(log);
  }

  #byUse(): Log[] {
    return [...this.#logs.values()].sort((one, other) => other.used_at_ms - one.used_at_ms);
  }

  #trimAll(): void {
    this.#trim = undefined;
    this.#byUse()
      .filter((log) => !log.covered.isEmpty)
      .forEach((log, rank) => {
        if (rank >= LOGS_MAX) this.reset(log.conversation_id);
        else if (rank < OPEN_MAX) this.#cut(log, OPEN_ROWS_MAX, OPEN_ROWS_MAX / 2);
        else this.#cut(log, ROWS_MAX, ROWS_MAX);
      });
  }

  /** Keeps the rows around what was shown last. */
  #cut(log: Log, rows_max: number, rows_kept: number): void {
    if (!log.is_loaded || log.items.size <= rows_max) return;
    const seqs = [...log.items.keys()].sort((one, other) => one - other);
    const shown = seqs.findLastIndex((seq) => seq <= log.shown_at);
    const from = Math.min(Math.max(0, shown - Math.floor(rows_kept / 2)), seqs.length - rows_kept);
    const keep: [number, number] = [seqs[from] ?? 1, seqs[from + rows_kept - 1] ?? log.head];
    log.clip(...keep);
    this.#options.saver.soon({ drop: log.conversation_id, keep });
    this.#save(log);
  }
}
