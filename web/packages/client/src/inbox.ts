import type { ConversationRow, MessageItem, Person, TimelineItem, Update } from "./core-api.ts";
import { applied, messageItem, targetOf, toItem } from "./fold.ts";
import type { EventBody, LoggedEvent } from "./frames.ts";
import { toPerson } from "./people.ts";
import type { Positions } from "./positions.ts";
import { Refused } from "./problem.ts";
import type { Rest, Schemas } from "./rest.ts";
import type { Saver } from "./saver.ts";

const PAGE_CONVERSATIONS = 100;
/** Changes of rows are gathered for so long: shorter than anybody sees, long enough for a burst. */
const GATHER_MS = 25;

export interface InboxOptions {
  rest: Rest;
  saver: Saver;
  tell(update: Update): void;
  me(): string;
  draft(conversation_id: string): string | null;
  people(people: Schemas["UserView"][]): void;
  /** The latest row of a timeline that is here. */
  lastItem(conversation_id: string): TimelineItem | null;
  /** Messages of others after a place; null where not all of them are here. */
  countUnread(conversation_id: string, after: number): number | null;
  positions: Positions;
  gone(conversation_id: string): void;
  /** What the list knows of how far a conversation goes. */
  reaches(conversation_id: string, head: number): void;
}

/** The list of conversations: as the server has it, and brought up to what has happened since. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #rows = new Map<string, ConversationRow>();
  #next_cursor: string | null = null;
  #more = false;
  #was_read = false;
  #dirty = new Set<string>();
  #gone = new Set<string>();
  #telling: ReturnType<typeof setTimeout> | undefined;
  #refreshing: Promise<void> | null = null;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  restore(rows: ConversationRow[], more: boolean): void {
    for (const row of rows) this.#rows.set(row.conversation_id, row);
    this.#more = more;
  }

  /** Whether every conversation of the user is here, as of this run. */
  get isComplete(): boolean {
    return this.#was_read && !this.#more;
  }

  get more(): boolean {
    return this.#more;
  }

  /** The rows, the latest activity first. */
  rows(): ConversationRow[] {
    const rows = [...this.#rows.values()].map((row) => this.#shown(row));
    return rows.sort(
      (one, other) =>
        other.last_activity_at.localeCompare(one.last_activity_at) ||
        other.conversation_id.localeCompare(one.conversation_id),
    );
  }

  get(conversation_id: string): ConversationRow | undefined {
    return this.#rows.get(conversation_id);
  }

  /** The direct conversation with a person, if it is listed. */
  withPeer(user_id: string): ConversationRow | undefined {
    return [...this.#rows.values()].find((row) => row.kind === "direct" && row.peer?.user_id === user_id);
  }

  /** Reads as much of the list as was read before. One request at a time, however many ask. @throws Refused */
  refresh(): Promise<void> {
    const refreshing = (this.#refreshing ??= Promise.resolve()
      .then(() => this.#refresh())
      .finally(() => {
        if (this.#refreshing === refreshing) this.#refreshing = null;
      }));
    return refreshing;
  }

  /** Reads the next page of the list. @throws Refused */
  async readMore(): Promise<void> {
    if (!this.#more) return;
    if (this.#next_cursor === null) await this.refresh();
    if (this.#next_cursor !== null) await this.#page(this.#next_cursor);
  }

  /** Takes an event as it arrives. Tells whether its conversation is listed. */
  event(conversation_id: string, { seq, event }: LoggedEvent): boolean {
    const row = this.#rows.get(conversation_id);
    if (row === undefined) return false;
    if (seq <= row.head) return true;
    const item = toItem(conversation_id, seq, event);
    const settings = event.kind === "settings" ? event : null;
    this.#set({
      ...row,
      head: seq,
      ...this.#readAfter(row, seq, event),
      last_activity_at: "sent_at" in event ? event.sent_at : row.last_activity_at,
      last_item: item ?? changed(row.last_item, event),
      name: settings?.name ?? row.name,
      picture: settings?.picture === undefined ? row.picture : settings.picture || null,
    });
    return true;
  }

  /** The viewer has read up to a place, here or on another device. */
  read(conversation_id: string, seq: number): void {
    const row = this.#rows.get(conversation_id);
    if (row === undefined || seq <= row.read_seq) return;
    const read_seq = Math.min(seq, row.head);
    this.#set({ ...row, read_seq, unread: this.#unread(row, read_seq) });
  }

  change(conversation_id: string, change: Partial<ConversationRow>): void {
    const row = this.#rows.get(conversation_id);
    if (row !== undefined) this.#set({ ...row, ...change });
  }

  /** Somebody is seen differently; who comes and goes is told as `people` only. */
  person(person: Person): void {
    for (const row of this.#rows.values()) {
      if (row.peer?.user_id !== person.user_id) continue;
      const named = row.peer.name !== person.name || row.peer.profile_pic !== person.profile_pic;
      const shown = { ...row, peer: person, name: person.name };
      if (named) this.#set(shown);
      else this.#rows.set(row.conversation_id, shown);
    }
  }

  /** What is shown of a conversation changed elsewhere: its draft. */
  touch(conversation_id: string): void {
    if (this.#rows.has(conversation_id)) this.#tellSoon(conversation_id);
  }

  remove(conversation_id: string): void {
    if (!this.#rows.delete(conversation_id)) return;
    this.#options.saver.soon({ table: "rows", key: conversation_id, value: null });
    this.#gone.add(conversation_id);
    this.#dirty.delete(conversation_id);
    this.#tellSoon(null);
  }

  stop(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#rows.clear();
    this.#dirty.clear();
    this.#gone.clear();
    this.#next_cursor = null;
    this.#more = false;
  }

  async #refresh(): Promise<void> {
    const before = this.#rows.size;
    const seen = new Set<string>();
    let cursor: string | null = null;
    do {
      for (const id of await this.#page(cursor)) seen.add(id);
      cursor = this.#next_cursor;
    } while (cursor !== null && seen.size < before);
    if (cursor !== null) return;
    for (const id of [...this.#rows.keys()]) if (!seen.has(id)) this.#options.gone(id);
  }

  /** Reads a page; returns who is on it. */
  async #page(cursor: string | null): Promise<string[]> {
    const query = { limit: PAGE_CONVERSATIONS, ...(cursor !== null && { cursor }) };
    const page = await this.#options.rest.call("get", "/conversations", { query });
    this.#next_cursor = page.next_cursor ?? null;
    this.#more = this.#next_cursor !== null;
    this.#was_read = true;
    this.#options.people(page.conversations.flatMap((item) => item.peer ?? []));
    for (const item of page.conversations) this.#listed(item);
    this.#tellSoon(null);
    return page.conversations.map((item) => item.conversation_id);
  }

  /** A row as the server has it, which may lag behind what has arrived here. */
  #listed(item: Schemas["InboxItem"]): void {
    const here = this.#rows.get(item.conversation_id);
    const { last_event, peer, picture, ...rest } = item;
    this.#options.reaches(item.conversation_id, item.head);
    const row: ConversationRow = {
      ...rest,
      picture: picture ?? null,
      peer: peer ? toPerson(peer) : null,
      last_item: this.#lastItem(rest, last_event ?? null, here ?? null),
      draft: null,
    };
    this.#options.positions.known(row.conversation_id, row.read_seq);
    const read_here = this.#options.positions.readHere(row.conversation_id);
    const read_seq = Math.max(row.read_seq, read_here);
    if (here !== undefined && here.head > row.head) {
      const { head, last_activity_at, last_item } = here;
      Object.assign(row, { head, last_activity_at, last_item, unread: here.unread });
    }
    if (read_seq > row.read_seq) row.unread = this.#unread({ ...row, read_seq: row.read_seq }, read_seq);
    row.read_seq = read_seq;
    if (JSON.stringify(here) !== JSON.stringify(row)) this.#set(row);
  }

  #lastItem(
    { conversation_id, head }: Pick<ConversationRow, "conversation_id" | "head">,
    last_event: Schemas["LoggedEvent"] | null,
    here: ConversationRow | null,
  ): TimelineItem | null {
    if (here !== null && here.head >= head && here.last_item !== null) return here.last_item;
    if (last_event === null) return null;
    const { seq, event } = last_event;
    const shown = this.#options.lastItem(conversation_id) ?? here?.last_item ?? null;
    return toItem(conversation_id, seq, event) ?? changed(shown, event);
  }

  /** Who writes has read what stands before. */
  #readAfter(row: ConversationRow, seq: number, event: EventBody): Pick<ConversationRow, "unread" | "read_seq"> {
    const { unread, read_seq } = row;
    if (event.kind !== "message" || event.deleted) return { unread, read_seq };
    if (event.sender_id === this.#options.me()) return { unread: 0, read_seq: Math.max(seq, read_seq) };
    return { unread: seq > read_seq ? unread + 1 : unread, read_seq };
  }

  #unread(row: ConversationRow, read_seq: number): number {
    if (read_seq >= row.head) return 0;
    return this.#options.countUnread(row.conversation_id, read_seq) ?? row.unread;
  }

  #set(row: ConversationRow): void {
    this.#rows.set(row.conversation_id, row);
    this.#options.saver.soon({ table: "rows", key: row.conversation_id, value: row });
    this.#tellSoon(row.conversation_id);
  }

  #tellSoon(conversation_id: string | null): void {
    if (conversation_id !== null) this.#dirty.add(conversation_id);
    this.#telling ??= setTimeout(() => {
      this.#tell();
    }, GATHER_MS);
  }

  #tell(): void {
    this.#telling = undefined;
    const rows = [...this.#dirty].flatMap((id) => this.#rows.get(id) ?? []).map((row) => this.#shown(row));
    const gone = [...this.#gone].filter((id) => !this.#rows.has(id));
    this.#dirty.clear();
    this.#gone.clear();
    this.#options.tell({ kind: "conversations", rows, gone, more: this.#more });
  }

  #shown(row: ConversationRow): ConversationRow {
    return { ...row, draft: this.#options.draft(row.conversation_id) };
  }
}

/** The row that ends a list after an event that is no row itself. */
function changed(item: TimelineItem | null, event: EventBody): TimelineItem | null {
  const target = targetOf(event);
  if (item?.kind === "message" && item.seq === target) return applied(item, event);
  return item;
}

export function asMessage(message: Schemas["HistoryMessage"]): MessageItem {
  return messageItem(message.seq, message);
}

export function isGone(error: unknown): boolean {
  return error instanceof Refused && error.status === 404;
}
