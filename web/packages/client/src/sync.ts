import type { Details } from "./details.ts";
import { Digest } from "./digest.ts";
import type { Head } from "./frames.ts";
import type { Inbox } from "./inbox.ts";
import type { Positions } from "./positions.ts";
import type { Session } from "./session.ts";
import type { StoredLog, StoredState } from "./storage.ts";
import type { Timelines } from "./timelines.ts";

/** The list is read again so long after something in it changed; and after a failure. */
const REFRESH_AFTER_MS = 50;
const REFRESH_AGAIN_MS = 2000;
/** How often, and when, the list is read again for a conversation that it should name and does not. */
const UNLISTED_READS_MAX = 3;
const UNLISTED_AFTER_MS = 500;
/** Conversations whose last row is looked for at a time, and among how many events. */
const LAST_READS_MAX = 20;
const LAST_EVENTS = 30;

export interface SyncOptions {
  session: Session;
  inbox: Inbox;
  details: Details;
  timelines: Timelines;
  positions: Positions;
  keep: (change: Partial<StoredState>) => void;
  gone: (conversation_id: string) => void;
}

/** Keeps the device in step: what changed while it was away, and whether anything was missed. */
export class Sync {
  readonly #options: SyncOptions;
  readonly #digest = new Digest();
  /** Conversations that have spoken and are not in the list, with how often it was read for them. */
  readonly #unlisted = new Map<string, number>();
  /** Conversations of which the server said that they changed; the list names them, unless the user has left them. */
  readonly #named = new Set<string>();
  #refreshing: ReturnType<typeof setTimeout> | undefined;
  #upos_next: number | null = null;
  #stopped = false;

  constructor(options: SyncOptions) {
    this.#options = options;
  }

  restore(logs: StoredLog[]): void {
    for (const { conversation_id, head } of logs) this.#digest.reaches(conversation_id, head);
  }

  /** An event of a conversation arrived that the list may not name. */
  heard(conversation_id: string, seq: number, listed: "listed" | "unlisted"): void {
    this.#digest.reaches(conversation_id, seq);
    if (listed === "listed") return;
    if (!this.#unlisted.has(conversation_id)) this.#unlisted.set(conversation_id, 0);
    this.refreshSoon();
  }

  /** A conversation is known, from elsewhere, to reach a place. */
  reaches({ conversation_id, head }: Head): void {
    this.#digest.reaches(conversation_id, head);
    this.#options.timelines.reaches(conversation_id, head);
  }

  forget(conversation_id: string): void {
    this.#digest.forget(conversation_id);
    this.#unlisted.delete(conversation_id);
    this.#named.delete(conversation_id);
  }

  /** The server was set back: the list is taken as it has it. */
  wentBack(conversation_id: string, head: number): void {
    this.#digest.forget(conversation_id);
    this.#digest.reaches(conversation_id, head);
    this.#options.inbox.change(conversation_id, { head });
    this.refreshSoon();
  }

  /** These changed. With a `upos`: that is everything up to that place in the inbox. */
  dirty(heads: Head[], upos: number | null): void {
    for (const head of heads) {
      this.reaches(head);
      this.#named.add(head.conversation_id);
    }
    this.#options.timelines.catchUpRecent();
    if (upos !== null) this.#upos_next = upos;
    this.refreshSoon(0);
  }

  /** These are all conversations, unless there are more. */
  heads(heads: Head[], more: boolean): void {
    const known = new Set(heads.map((head) => head.conversation_id));
    for (const id of more ? [] : this.#digest.ids()) if (!known.has(id)) this.#options.gone(id);
    this.dirty(heads, null);
  }

  /** Finds whole conversations that were missed. */
  digest(digest: string): void {
    if (digest !== this.#digest.toString()) this.#options.session.askHeads();
  }

  /** Reads the list again, soon. */
  refreshSoon(wait_ms = REFRESH_AFTER_MS): void {
    clearTimeout(this.#refreshing);
    if (!this.#stopped) this.#refreshing = setTimeout(() => void this.#refresh(), wait_ms);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#refreshing);
  }

  async #refresh(): Promise<void> {
    const { inbox, session, positions, keep } = this.#options;
    const upos = this.#upos_next;
    const named = [...this.#named];
    try {
      await inbox.refresh();
      await this.#forgetLeft(named);
    } catch {
      if (session.isUp) this.refreshSoon(REFRESH_AGAIN_MS);
      return;
    }
    keep({ more_conversations: inbox.more });
    for (const row of inbox.rows()) {
      if (row.unread > 0) positions.delivered(row.conversation_id, row.head);
    }
    if (upos !== null) this.#reached(upos);
    this.#listUnlisted();
    await this.#showLast().catch(() => undefined);
  }

  /** What changed and is not in the list is either further down or not the user's any more. */
  async #forgetLeft(named: string[]): Promise<void> {
    const { inbox, details, gone } = this.#options;
    for (const id of named) {
      const isListed = inbox.get(id) !== undefined;
      const isGone = !isListed && (!inbox.more || (await details.isGone(id)));
      if (isGone) gone(id);
      else this.#named.delete(id);
    }
  }

  /** A conversation that ends with what is no row, such as a reaction, shows the row before. */
  async #showLast(): Promise<void> {
    const { inbox, timelines } = this.#options;
    const lacking = inbox.rows().filter((row) => row.last_item === null && row.head > 0);
    for (const { conversation_id, head } of lacking.slice(0, LAST_READS_MAX)) {
      const log = await timelines.open(conversation_id);
      if (log.covered.isEmpty) await timelines.pull(log, Math.max(0, head - LAST_EVENTS), LAST_EVENTS);
      inbox.change(conversation_id, { last_item: timelines.lastItem(conversation_id) });
    }
  }

  #reached(upos: number): void {
    if (this.#upos_next === upos) this.#upos_next = null;
    this.#options.session.reached(upos);
    this.#options.keep({ upos });
  }

  /** The list lags a moment behind the logs. */
  #listUnlisted(): void {
    for (const [id, reads] of this.#unlisted) {
      const isDone = this.#options.inbox.get(id) !== undefined || reads >= UNLISTED_READS_MAX;
      if (isDone) this.#unlisted.delete(id);
      else this.#unlisted.set(id, reads + 1);
    }
    if (this.#unlisted.size > 0) this.refreshSoon(UNLISTED_AFTER_MS);
  }
}
