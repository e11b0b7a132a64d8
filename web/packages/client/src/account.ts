import type {
  Connection,
  ConversationDetail,
  Me,
  MessageItem,
  Place,
  Preferences,
  Slice,
  TimelineItem,
  Update,
} from "./core-api.ts";
import { Backoff } from "./backoff.ts";
import { Details } from "./details.ts";
import { Digest } from "./digest.ts";
import { Drafts } from "./drafts.ts";
import { messageItem } from "./fold.ts";
import type { Ack, Cursor, EventFrame, Head, Notice, Ready } from "./frames.ts";
import { isUserId } from "./ids.ts";
import { Inbox, isGone } from "./inbox.ts";
import type { Outgoing } from "./outbox.ts";
import { People, toMe } from "./people.ts";
import { Positions } from "./positions.ts";
import {
  DEFAULT_PREFERENCES,
  readPreferences,
  toPreferences,
  writePreferences,
} from "./preferences.ts";
import type { PreferencesChange } from "./preferences.ts";
import type { Rest } from "./rest.ts";
import { Saver } from "./saver.ts";
import { Sends } from "./sends.ts";
import { Session } from "./session.ts";
import type { SessionHandler, SocketClass } from "./session.ts";
import { sliceOf } from "./slices.ts";
import type { Storage, StoredState } from "./storage.ts";
import { Timelines } from "./timelines.ts";

/** The list is read again so long after something in it changed; and after a failure. */
const REFRESH_AFTER_MS = 50;
const REFRESH_AGAIN_MS = 2000;
/** How often the list is read again for a conversation that it should name and does not. */
const UNLISTED_READS_MAX = 3;
/** `typing` is told so seldom. */
const TYPING_EVERY_MS = 3000;

export interface AccountOptions {
  rest: Rest;
  storage: Storage;
  address: string;
  socket: SocketClass;
  random?: () => number;
  tell(update: Update): void;
  /** The session is over. */
  over(reason: string | null): void;
}

/** One signed-in user on this device: everything that is known of their conversations, and the connection. */
export class Account implements SessionHandler {
  readonly rest: Rest;
  readonly saver: Saver;
  readonly people: People;
  readonly inbox: Inbox;
  readonly timelines: Timelines;
  readonly sends: Sends;
  readonly details: Details;
  readonly drafts: Drafts;
  readonly session: Session;
  connection: Connection = "connecting";
  offline_since_ms: number | null = Date.now();
  readonly #options: AccountOptions;
  readonly #positions: Positions;
  readonly #digest = new Digest();
  readonly #directs = new Map<string, string>();
  readonly #typed_at_ms = new Map<string, number>();
  readonly #unlisted = new Map<string, number>();
  #state: StoredState;
  #closed = false;
  #refresh: ReturnType<typeof setTimeout> | undefined;
  #upos_next: number | null = null;

  constructor(options: AccountOptions, state: StoredState) {
    this.#options = options;
    this.#state = state;
    this.rest = options.rest;
    this.saver = new Saver(options.storage, () => this.timelines.makeRoom());
    const tell = (update: Update) => {
      this.#tell(update);
    };
    this.people = new People(this.rest, this.saver, tell);
    this.details = new Details(this.rest, this.saver, this.people, tell);
    this.drafts = new Drafts(this.saver);
    this.session = this.#makeSession();
    this.inbox = this.#makeInbox();
    this.timelines = new Timelines({
      storage: options.storage,
      saver: this.saver,
      pull: (...question) => this.session.pull(...question),
      tell,
      gone: (id) => {
        this.#gone(id);
      },
    });
    this.sends = new Sends({
      saver: this.saver,
      tell,
      me: () => this.me.user_id,
      head: (conversation) => this.timelines.peek(conversation)?.head ?? 0,
      isUp: () => this.session.isUp,
      send: (message) => {
        this.session.send(message);
      },
      discard: (id) => {
        this.session.discard(id);
      },
    });
    this.#positions = new Positions({
      saver: this.saver,
      write: (type, conversation_id, seq) => this.session.write({ type, conversation_id, seq }),
    });
  }

  get me(): Me {
    return this.#state.me;
  }

  get preferences(): Preferences {
    return this.#state.preferences ?? DEFAULT_PREFERENCES;
  }

  get limits(): StoredState["limits"] {
    return this.#state.limits;
  }

  /** Takes what an earlier run left on this device. */
  async restore(): Promise<void> {
    const { storage } = this.#options;
    const [rows, logs, people, details, marks, drafts, outbox] = await Promise.all([
      storage.all("rows"),
      storage.all("logs"),
      storage.all("people"),
      storage.all("details"),
      storage.all("marks"),
      storage.all("drafts"),
      storage.all("outbox"),
    ]);
    this.people.restore(people);
    this.inbox.restore(rows, this.#state.more_conversations);
    this.timelines.restore(logs);
    for (const log of logs) this.#digest.reaches(log.conversation_id, log.head);
    this.details.restore(details);
    this.#positions.restore(marks);
    this.drafts.restore(drafts);
    this.sends.restore(outbox);
  }

  /** Connects, and stays so until `close`. */
  start(): void {
    this.saver.soon({ table: "state", key: "state", value: this.#state });
    this.session.start();
  }

  /** Ends everything. What is on the device stays, unless it is wiped. */
  async close(what: "keep" | "wipe"): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#refresh);
    this.session.stop();
    for (const part of [
      this.inbox,
      this.people,
      this.details,
      this.timelines,
      this.#positions,
      this.sends,
    ]) {
      part.stop();
    }
    await this.saver.close(what);
  }

  /** The conversation that is meant; null if it does not exist yet. */
  async resolve(conversation: string): Promise<string | null> {
    const known = this.known(conversation);
    if (known !== null) return known;
    try {
      const detail = await this.details.read(conversation);
      this.#directs.set(conversation, detail.conversation_id);
      return detail.conversation_id;
    } catch (error) {
      if (isGone(error) || !this.session.isUp) return null;
      throw error;
    }
  }

  /** The same, as far as it is known on this device. */
  known(conversation: string): string | null {
    if (!isUserId(conversation)) return conversation;
    return (
      this.inbox.withPeer(conversation)?.conversation_id ?? this.#directs.get(conversation) ?? null
    );
  }

  async slice(conversation: string, place: Place, limit: number): Promise<Slice> {
    const id = await this.resolve(conversation);
    const read_seq =
      id === null ? 0 : Math.max(this.inbox.get(id)?.read_seq ?? 0, this.#positions.readHere(id));
    if (id === null) {
      const items = this.sends.items(conversation);
      return {
        items,
        first: 1,
        last: 0,
        head: 0,
        reached_start: true,
        reached_end: true,
        read_seq,
      };
    }
    const log = await this.timelines.open(id);
    log.reaches(this.inbox.get(id)?.head ?? 0);
    this.timelines.used(log);
    const source = {
      pull: (after: number, events: number) => this.timelines.pull(log, after, events),
      catchUp: () => this.timelines.catchUp(log),
    };
    if (log.covered.isEmpty && log.head === 0) await source.pull(0, 1);
    const atEnd = "end" in place || "unread" in place;
    if (atEnd && log.lags && this.session.isUp) await source.catchUp().catch(() => undefined);
    const slice = await sliceOf(log, source, place, limit, read_seq);
    log.shown_at = slice.reached_end ? slice.last : Math.round((slice.first + slice.last) / 2);
    if (slice.reached_end) slice.items.push(...this.sends.items(id));
    return slice;
  }

  async detail(conversation: string): Promise<ConversationDetail> {
    const id = this.known(conversation) ?? conversation;
    const here = this.details.get(id);
    if (here === undefined) return this.details.read(id);
    void this.details.read(id).catch(() => undefined);
    return here;
  }

  /** The user has read up to a place. */
  read(conversation_id: string, seq: number): void {
    this.#positions.read(conversation_id, seq);
    this.inbox.read(conversation_id, seq);
  }

  typing(conversation_id: string): void {
    const now_ms = Date.now();
    if (now_ms - (this.#typed_at_ms.get(conversation_id) ?? 0) < TYPING_EVERY_MS) return;
    if (this.session.write({ type: "typing", conversation_id })) {
      this.#typed_at_ms.set(conversation_id, now_ms);
    }
  }

  setDraft(conversation: string, text: string | null): Promise<void> {
    const id = this.known(conversation) ?? conversation;
    const kept = this.drafts.set(id, text);
    this.inbox.touch(id);
    return kept;
  }

  draft(conversation: string): string | null {
    const id = this.known(conversation) ?? conversation;
    return this.drafts.get(id) ?? this.drafts.get(conversation);
  }

  async setPreferences(change: PreferencesChange): Promise<void> {
    this.#preferences(await writePreferences(this.rest, this.preferences, change));
  }

  async loadMe(): Promise<void> {
    const { user_id, session_id } = this.me;
    const view = await this.rest.call("get", "/user/{user_id}", { in: [user_id] });
    this.people.saw(view);
    this.#keep({ me: toMe(view, session_id) });
    this.#tell({ kind: "me", me: this.me });
  }

  /** Reads the list again, soon. */
  refreshSoon(wait_ms = REFRESH_AFTER_MS): void {
    if (this.#closed) return;
    clearTimeout(this.#refresh);
    this.#refresh = setTimeout(() => void this.#refreshNow(), wait_ms);
  }

  connected(ready: Ready): void {
    const { text_bytes, group_members } = ready.limits;
    const me = { ...this.me, session_id: ready.session_id };
    this.#keep({ me, limits: { text_bytes, group_members } });
    this.#connection("online", null);
    this.#positions.connected();
    this.timelines.catchUpRecent();
    if (ready.resumed === "hot") return;
    this.people.expectGreetings();
    this.refreshSoon(0);
    void readPreferences(this.rest)
      .then((read) => {
        this.#preferences(read);
      })
      .catch(() => undefined);
    void this.loadMe().catch(() => undefined);
  }

  disconnected(): void {
    const since_ms = this.offline_since_ms ?? Date.now();
    this.#connection(this.connection === "online" ? "connecting" : "offline", since_ms);
  }

  event(frame: EventFrame): void {
    const { conversation_id, seq, event } = frame;
    this.#arrived(conversation_id, frame);
    if (event.kind === "message" && event.sender_id !== this.me.user_id) {
      this.#positions.delivered(conversation_id, seq);
    }
    if (event.kind === "member" || event.kind === "settings") this.details.changed(conversation_id);
    if (event.kind !== "member" || event.user_id !== this.me.user_id) return;
    if (event.change === "added") this.timelines.reset(conversation_id);
    if (event.change === "removed" || event.change === "left") this.#gone(conversation_id);
    else this.refreshSoon();
  }

  acked(message: Outgoing | null, ack: Ack): void {
    const { conversation_id, seq } = ack;
    const send = this.sends.acked(ack);
    if (send !== null && isUserId(send.to)) this.#directs.set(send.to, conversation_id);
    const sent = send ?? message;
    if (sent === null || ack.dup) {
      // Somebody may have edited or deleted it meanwhile: what it is now comes from the log.
      if (sent !== null) this.#showAcked(sent, ack);
      this.#reaches({ conversation_id, head: seq });
      void this.timelines
        .open(conversation_id)
        .then((log) => this.timelines.catchUp(log))
        .catch(() => undefined);
      return;
    }
    // The socket that sent a message gets its ack in the place of the event.
    this.#arrived(conversation_id, {
      seq,
      event: { kind: "message", ...this.#ownMessage(sent, ack) },
    });
  }

  refused(message: Outgoing, problem: string): void {
    this.sends.refused(message.client_message_id, problem);
  }

  dirty(heads: Head[], _more: boolean, upos: number | null): void {
    for (const head of heads) this.#reaches(head);
    this.timelines.catchUpRecent();
    if (upos !== null) this.#upos_next = upos;
    this.refreshSoon(0);
  }

  heads(heads: Head[], more: boolean): void {
    const known = new Set(heads.map((head) => head.conversation_id));
    for (const id of more ? [] : this.#digest.ids()) if (!known.has(id)) this.#gone(id);
    this.dirty(heads, more, null);
  }

  digest(digest: string): void {
    if (digest !== this.#digest.toString()) this.session.askHeads();
  }

  notice(notice: Notice): void {
    switch (notice.type) {
      case "cursor":
        this.#cursor(notice);
        break;
      case "presence":
        this.people.presence(notice.user_id, notice.online, notice.last_seen_at);
        break;
      case "preferences":
        this.#preferences(toPreferences(notice.preferences));
        break;
      case "typing": {
        const { conversation_id, user_id } = notice;
        this.#tell({ kind: "typing", conversation_id, user_id });
        break;
      }
      case "error": {
        const refused = notice.frame === "read" && notice.retry_after_ms === undefined;
        if (refused && notice.conversation_id !== undefined)
          this.#positions.forget(notice.conversation_id);
      }
    }
  }

  over(reason: string | null): void {
    this.#options.over(reason);
  }

  #makeSession(): Session {
    const { address, socket, rest, random } = this.#options;
    const backoff = random && { backoff: new Backoff(random) };
    return new Session({ address, socket, tokens: rest, upos: this.#state.upos, ...backoff }, this);
  }

  #makeInbox(): Inbox {
    return new Inbox({
      rest: this.rest,
      saver: this.saver,
      tell: (update) => {
        this.#tell(update);
      },
      me: () => this.me.user_id,
      draft: (id) => this.draft(id),
      people: (people) => {
        for (const person of people) this.people.saw(person);
      },
      lastItem: (id) => this.timelines.lastItem(id),
      countUnread: (id, after) => this.timelines.countUnread(id, after, this.me.user_id),
      readHere: (id) => this.#positions.readHere(id),
      gone: (id) => {
        this.#gone(id);
      },
      reaches: (conversation_id, head) => {
        this.#reaches({ conversation_id, head });
      },
    });
  }

  #arrived(conversation_id: string, logged: Pick<EventFrame, "seq" | "event">): void {
    this.#digest.reaches(conversation_id, logged.seq);
    this.timelines.event(conversation_id, logged.seq, logged.event);
    if (this.inbox.event(conversation_id, logged)) return;
    if (!this.#unlisted.has(conversation_id)) this.#unlisted.set(conversation_id, 0);
    this.refreshSoon();
  }

  #reaches({ conversation_id, head }: Head): void {
    this.#digest.reaches(conversation_id, head);
    this.timelines.reaches(conversation_id, head);
  }

  #ownMessage(sent: Outgoing, ack: Ack): Parameters<typeof messageItem>[1] {
    return {
      message_id: ack.message_id,
      sender_id: this.me.user_id,
      text: sent.text,
      sent_at: ack.sent_at,
      client_message_id: ack.client_message_id,
      ...(sent.reply_to !== null && { reply_to: sent.reply_to }),
    };
  }

  #showAcked(sent: Outgoing, ack: Ack): void {
    const { conversation_id, seq } = ack;
    const here: TimelineItem | undefined = this.timelines.peek(conversation_id)?.items.get(seq);
    const item: MessageItem = messageItem(seq, this.#ownMessage(sent, ack));
    const head = Math.max(seq, this.timelines.peek(conversation_id)?.head ?? 0);
    this.#tell({ kind: "timeline", conversation_id, items: [here ?? item], gone: [], head });
  }

  async #refreshNow(): Promise<void> {
    const upos = this.#upos_next;
    try {
      await this.inbox.refresh();
    } catch {
      if (this.session.isUp) this.refreshSoon(REFRESH_AGAIN_MS);
      return;
    }
    this.#keep({ more_conversations: this.inbox.more });
    for (const row of this.inbox.rows()) {
      if (row.unread > 0) this.#positions.delivered(row.conversation_id, row.head);
      this.#positions.known(row.conversation_id, row.read_seq);
    }
    if (upos !== null) this.#reachedUpos(upos);
    this.#listUnlisted();
  }

  /** Only after what was read is safe does the device say that it has it. */
  #reachedUpos(upos: number): void {
    if (this.#upos_next === upos) this.#upos_next = null;
    this.session.reached(upos);
    this.#keep({ upos: Math.max(upos, this.#state.upos) });
  }

  /** The list lags a moment behind the logs. */
  #listUnlisted(): void {
    for (const [id, reads] of this.#unlisted) {
      if (this.inbox.get(id) !== undefined || reads >= UNLISTED_READS_MAX)
        this.#unlisted.delete(id);
      else this.#unlisted.set(id, reads + 1);
    }
    if (this.#unlisted.size > 0) this.refreshSoon(REFRESH_AGAIN_MS / 4);
  }

  #cursor(cursor: Cursor): void {
    const { conversation_id, user_id, read_seq, delivered_seq } = cursor;
    this.details.cursor(cursor);
    if (user_id === this.me.user_id && read_seq !== undefined) {
      this.#positions.known(conversation_id, read_seq);
      this.inbox.read(conversation_id, read_seq);
    }
    const positions = { read_seq: read_seq ?? null, delivered_seq: delivered_seq ?? null };
    this.#tell({ kind: "cursor", conversation_id, user_id, ...positions });
  }

  #preferences(preferences: Preferences): void {
    if (preferences.version < this.preferences.version) return;
    this.#keep({ preferences });
    this.#tell({ kind: "preferences", preferences });
  }

  #gone(conversation_id: string): void {
    this.#digest.forget(conversation_id);
    this.#unlisted.delete(conversation_id);
    this.timelines.forget(conversation_id);
    this.details.forget(conversation_id);
    this.#positions.forget(conversation_id);
    this.inbox.remove(conversation_id);
  }

  #connection(connection: Connection, offline_since_ms: number | null): void {
    this.connection = connection;
    this.offline_since_ms = offline_since_ms;
    this.#tell({ kind: "connection", connection, offline_since_ms });
    this.sends.connectionChanged();
  }

  #keep(change: Partial<StoredState>): void {
    this.#state = { ...this.#state, ...change };
    this.saver.soon({ table: "state", key: "state", value: this.#state });
  }

  #tell(update: Update): void {
    if (!this.#closed) this.#options.tell(update);
  }
}
