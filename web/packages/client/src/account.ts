import type {
  Connection,
  ConversationDetail,
  Me,
  MessageItem,
  Place,
  Slice,
  TimelineItem,
  Update,
} from "./core-api.ts";
import { Backoff } from "./backoff.ts";
import { Choices } from "./choices.ts";
import { Details } from "./details.ts";
import { Directs } from "./directs.ts";
import { Drafts } from "./drafts.ts";
import { messageItem, ownMessage } from "./fold.ts";
import type { Ack, Cursor, EventFrame, Head, Notice, Ready } from "./frames.ts";
import { isUserId } from "./ids.ts";
import { Inbox } from "./inbox.ts";
import type { Outgoing } from "./outbox.ts";
import { People, toMe } from "./people.ts";
import { Positions } from "./positions.ts";
import type { Rest } from "./rest.ts";
import { Saver } from "./saver.ts";
import { Sends } from "./sends.ts";
import { Session } from "./session.ts";
import type { SessionHandler, SocketClass } from "./session-handler.ts";
import { Shown } from "./shown.ts";
import type { Storage, StoredState } from "./storage.ts";
import { Sync } from "./sync.ts";
import type { SyncOptions } from "./sync.ts";
import { Timelines } from "./timelines.ts";
import { Typing } from "./typing.ts";

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
  readonly choices: Choices;
  readonly directs: Directs;
  readonly typing: Typing;
  readonly session: Session;
  connection: Connection = "connecting";
  offline_since_ms: number | null = Date.now();
  readonly #options: AccountOptions;
  readonly #positions: Positions;
  readonly #sync: Sync;
  readonly #shown: Shown;
  #state: StoredState;
  #closed = false;

  constructor(options: AccountOptions, state: StoredState) {
    this.#options = options;
    this.#state = state;
    this.rest = options.rest;
    this.saver = new Saver(options.storage, () => this.timelines.makeRoom());
    const tell = this.#tell;
    this.people = new People(this.rest, this.saver, tell);
    this.details = new Details(this.rest, this.saver, this.people, tell);
    this.drafts = new Drafts(this.saver);
    this.choices = new Choices({
      rest: this.rest,
      stored: () => this.#state,
      keep: this.#keep,
      makeSafe: () => this.saver.now({ table: "state", key: "state", value: this.#state }),
      tell,
    });
    this.session = this.#makeSession();
    this.#positions = new Positions({
      saver: this.saver,
      write: (type, conversation_id, seq) => this.session.write({ type, conversation_id, seq }),
    });
    this.inbox = this.#makeInbox();
    this.timelines = new Timelines({
      storage: options.storage,
      saver: this.saver,
      pull: (...question) => this.session.pull(...question),
      tell,
      gone: this.#gone,
      wentBack: (id, head) => this.#sync.wentBack(id, head),
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
    this.directs = new Directs(this.inbox, this.details);
    this.#shown = new Shown({ ...this.#parts(), sends: this.sends });
    this.typing = new Typing((conversation_id) => this.session.write({ type: "typing", conversation_id }));
    this.#sync = new Sync({
      ...this.#parts(),
      keep: this.#keep,
      gone: this.#gone,
    });
  }

  get me(): Me {
    return this.#state.me;
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
    this.#sync.restore(logs);
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
    this.session.stop();
    const parts = [this.#sync, this.inbox, this.timelines, this.sends, this.people, this.details];
    for (const part of [...parts, this.#positions]) part.stop();
    await this.saver.close(what);
  }

  async slice(conversation: string, place: Place, limit: number): Promise<Slice> {
    const id = await this.directs.resolve(conversation);
    return id === null ? this.#shown.empty(conversation) : this.#shown.slice(id, place, limit);
  }

  async detail(conversation: string): Promise<ConversationDetail> {
    const id = this.directs.known(conversation) ?? conversation;
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

  setDraft(conversation: string, text: string | null): Promise<void> {
    const id = this.directs.known(conversation) ?? conversation;
    const kept = this.drafts.set(id, text);
    this.inbox.touch(id);
    return kept;
  }

  draft(conversation: string): string | null {
    const id = this.directs.known(conversation) ?? conversation;
    return this.drafts.get(id) ?? this.drafts.get(conversation);
  }

  async loadMe(): Promise<void> {
    const { user_id, session_id } = this.me;
    const view = await this.rest.call("get", "/user/{user_id}", { in: [user_id] });
    this.people.saw(view);
    this.#keep({ me: toMe(view, session_id) });
    this.#tell({ kind: "me", me: this.me });
  }

  /** Reads the list again, soon. */
  refreshSoon(): void {
    this.#sync.refreshSoon();
  }

  connected(ready: Ready): void {
    const { text_bytes, group_members } = ready.limits;
    const me = { ...this.me, session_id: ready.session_id };
    this.#keep({ me, limits: { text_bytes, group_members } });
    this.#connection("online", null);
    this.#positions.connected();
    this.timelines.catchUpRecent();
    const chosen = this.choices.connected().catch(() => undefined);
    if (ready.resumed === "hot") return;
    this.people.expectGreetings();
    this.#sync.refreshSoon(0);
    void chosen.then(() => this.choices.load()).catch(() => undefined);
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
    if (send !== null && isUserId(send.to)) this.directs.found(send.to, conversation_id);
    const sent = send ?? message;
    if (sent === null || ack.dup) {
      // Somebody may have edited or deleted it meanwhile: what it is now comes from the log.
      if (sent !== null) this.#showAcked(sent, ack);
      this.#sync.reaches({ conversation_id, head: seq });
      void this.timelines.fetch(conversation_id).catch(() => undefined);
      return;
    }
    // The socket that sent a message gets its ack in the place of the event.
    this.#arrived(conversation_id, {
      seq,
      event: { kind: "message", ...ownMessage(this.me.user_id, sent, ack) },
    });
  }

  refused(message: Outgoing, problem: string): void {
    this.sends.refused(message.client_message_id, problem);
  }

  dirty(heads: Head[], _more: boolean, upos: number | null): void {
    this.#sync.dirty(heads, upos);
  }

  heads(heads: Head[], more: boolean): void {
    this.#sync.heads(heads, more);
  }

  digest(digest: string): void {
    this.#sync.digest(digest);
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
        this.choices.changed(notice.preferences);
        break;
      case "typing": {
        const { conversation_id, user_id } = notice;
        this.#tell({ kind: "typing", conversation_id, user_id });
        break;
      }
      case "error": {
        const refused = notice.frame === "read" && notice.retry_after_ms === undefined;
        if (refused && notice.conversation_id !== undefined) this.#positions.forget(notice.conversation_id);
      }
    }
  }

  over(reason: string | null): void {
    this.#options.over(reason);
  }

  #parts(): Pick<SyncOptions, "session" | "inbox" | "timelines" | "details" | "positions"> {
    const { session, inbox, timelines, details } = this;
    return { session, inbox, timelines, details, positions: this.#positions };
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
      tell: this.#tell,
      me: () => this.me.user_id,
      draft: (id) => this.draft(id),
      people: (people) => {
        for (const person of people) this.people.saw(person);
      },
      lastItem: (id) => this.timelines.lastItem(id),
      countUnread: (id, after) => this.timelines.countUnread(id, after, this.me.user_id),
      positions: this.#positions,
      gone: this.#gone,
      reaches: (conversation_id, head) => {
        this.#sync.reaches({ conversation_id, head });
      },
    });
  }

  #arrived(conversation_id: string, logged: Pick<EventFrame, "seq" | "event">): void {
    this.timelines.event(conversation_id, logged.seq, logged.event);
    const listed = this.inbox.event(conversation_id, logged) ? "listed" : "unlisted";
    this.#sync.heard(conversation_id, logged.seq, listed);
  }

  #showAcked(sent: Outgoing, ack: Ack): void {
    const { conversation_id, seq } = ack;
    const here: TimelineItem | undefined = this.timelines.peek(conversation_id)?.items.get(seq);
    const item: MessageItem = messageItem(seq, ownMessage(this.me.user_id, sent, ack));
    const head = Math.max(seq, this.timelines.peek(conversation_id)?.head ?? 0);
    this.#tell({ kind: "timeline", conversation_id, items: [here ?? item], gone: [], head });
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

  readonly #gone = (conversation_id: string): void => {
    this.#sync.forget(conversation_id);
    this.timelines.forget(conversation_id);
    this.details.forget(conversation_id);
    this.#positions.forget(conversation_id);
    this.inbox.remove(conversation_id);
  };

  #connection(connection: Connection, offline_since_ms: number | null): void {
    this.connection = connection;
    this.offline_since_ms = offline_since_ms;
    this.#tell({ kind: "connection", connection, offline_since_ms });
    this.sends.connectionChanged();
  }

  readonly #keep = (change: Partial<StoredState>): void => {
    this.#state = { ...this.#state, ...change };
    this.saver.soon({ table: "state", key: "state", value: this.#state });
  };

  readonly #tell = (update: Update): void => {
    if (this.#closed) return;
    if (update.kind === "people") for (const person of update.people) this.inbox.person(person);
    this.#options.tell(update);
  };
}
