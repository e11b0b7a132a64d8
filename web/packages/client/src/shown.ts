import type { ConversationDetail, Place, Slice } from "./core-api.ts";
import type { Details } from "./details.ts";
import type { Inbox } from "./inbox.ts";
import type { Positions } from "./positions.ts";
import type { Sends } from "./sends.ts";
import type { Session } from "./session.ts";
import { sliceOf } from "./slices.ts";
import type { Timelines } from "./timelines.ts";

export interface ShownOptions {
  session: Session;
  inbox: Inbox;
  positions: Positions;
  details: Details;
  timelines: Timelines;
  sends: Sends;
}

/** What a reader looks at: pieces of logs, with what waits to be sent at their end. */
export class Shown {
  readonly #options: ShownOptions;

  constructor(options: ShownOptions) {
    this.#options = options;
  }

  /** A conversation that does not exist yet. */
  empty(conversation: string): Slice {
    const items = this.#options.sends.items(conversation);
    const ends = { reached_start: true, reached_end: true };
    return { items, first: 1, last: 0, head: 0, ...ends, read_seq: 0 };
  }

  /** @throws Refused where nothing of the place is here and it cannot be had. */
  async slice(conversation_id: string, place: Place, limit: number): Promise<Slice> {
    const { timelines, inbox, positions, session, sends } = this.#options;
    const row = inbox.get(conversation_id) ?? (await this.#unlisted(conversation_id, place));
    const read_seq = Math.max(row?.read_seq ?? 0, positions.readHere(conversation_id));
    const log = await timelines.open(conversation_id);
    log.reaches(row?.head ?? 0);
    timelines.used(log);
    const source = {
      pull: (after: number, events: number) => timelines.pull(log, after, events),
      catchUp: () => timelines.catchUp(log),
    };
    // Nobody has said yet how far it goes.
    if (log.covered.isEmpty && log.head === 0) await source.pull(0, 1);
    const atEnd = "end" in place || "unread" in place;
    if (atEnd && log.lags && session.isUp) await source.catchUp().catch(() => undefined);
    const slice = await sliceOf(log, source, place, limit, read_seq);
    log.shown_at = slice.reached_end ? slice.last : Math.round((slice.first + slice.last) / 2);
    if (slice.reached_end) slice.items.push(...sends.items(conversation_id));
    return slice;
  }

  /** How far a conversation goes that the list does not name, and how far it was read. */
  async #unlisted(conversation_id: string, place: Place): Promise<ConversationDetail | null> {
    const { details } = this.#options;
    const here = details.get(conversation_id) ?? null;
    return "unread" in place ? details.read(conversation_id).catch(() => here) : here;
  }
}
