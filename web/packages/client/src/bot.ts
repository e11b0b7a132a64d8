import { socketAddress } from "./address.ts";
import { Digest } from "./digest.ts";
import { Feed } from "./feed.ts";
import type { Ack, EventFrame, Head, LoggedEvent, MessageEvent, Ready } from "./frames.ts";
import { ownMessage } from "./fold.ts";
import { newId } from "./ids.ts";
import type { Outgoing } from "./outbox.ts";
import { Refused } from "./problem.ts";
import { Rest } from "./rest.ts";
import { Session } from "./session.ts";
import type { SessionHandler, SocketClass } from "./session-handler.ts";

const PAGE_EVENTS = 200;

/** What to keep, so that the next run goes on where this one ended. */
export interface BotPlace {
  upos: number;
  have: Record<string, number>;
}

/** A message as a bot gets it. */
export interface BotMessage extends MessageEvent {
  conversation_id: string;
  seq: number;
}

export interface BotOptions {
  /** The server, such as `https://chat.example.org`. */
  base: string;
  username: string;
  password: string;
  /** What the bot is called in the list of devices. */
  device?: string;
  /** Where the run before ended. Without it the bot hears what is written from now on. */
  place?: BotPlace;
  /** A WebSocket class; that of the platform where it has one. */
  socket?: SocketClass;
}

/** A program that talks: it hears every message, in order and once, and what it sends arrives once. */
export class Bot implements SessionHandler {
  /** Called for every message of others, in the order of each conversation. */
  onMessage: (message: BotMessage) => void = () => undefined;
  /** Called for everything else that happens in a conversation, and for the bot's own messages. */
  onEvent: (conversation_id: string, event: LoggedEvent) => void = () => undefined;
  /** Called with what the functions above throw: a bot that stumbles over one message still hears the next. */
  onError: (error: unknown) => void = (error) => {
    queueMicrotask(() => {
      throw error;
    });
  };
  /** Called when the session is over for good. */
  onOver: (reason: string | null) => void = () => undefined;
  readonly rest: Rest;
  readonly #options: BotOptions;
  readonly #feeds = new Map<string, Feed>();
  readonly #pulling = new Set<string>();
  readonly #digest = new Digest();
  readonly #answers = new Map<string, { resolve: (ack: Ack) => void; reject: (error: Refused) => void }>();
  #beginning: { resolve: () => void; reject: (error: Refused) => void } | null = null;
  #session: Session | null = null;
  #user_id = "";
  #upos = 0;
  #upos_next: number | null = null;
  /** Whether what was written before this run began is passed over. */
  #skips: boolean;

  constructor(options: BotOptions) {
    this.#options = options;
    this.#skips = options.place === undefined;
    this.#upos = options.place?.upos ?? 0;
    for (const [id, have] of Object.entries(options.place?.have ?? {})) {
      this.#feeds.set(id, new Feed(have));
      this.#digest.reaches(id, have);
    }
    const { base } = options;
    this.rest = new Rest({ base, cookie: false });
  }

  get user_id(): string {
    return this.#user_id;
  }

  /** Where this run is: give it to the next one. */
  get place(): BotPlace {
    const have = [...this.#feeds].map(([id, feed]): [string, number] => [id, feed.have]);
    return { upos: this.#upos, have: Object.fromEntries(have) };
  }

  /**
   * Signs in and connects; from then on it comes back by itself. Whatever is written after this has resolved is heard.
   *
   * @throws Refused
   */
  async start(): Promise<void> {
    const { base, username, password, device, socket } = this.#options;
    const tokens = await this.rest.signIn(username, password, device);
    this.#user_id = tokens.user_id;
    const options = {
      address: socketAddress(base),
      socket: socket ?? WebSocket,
      tokens: this.rest,
    };
    const session = new Session({ ...options, upos: this.#upos }, this);
    this.#session = session;
    await new Promise<void>((resolve, reject) => {
      this.#beginning = { resolve, reject };
      session.start();
    });
  }

  stop(): void {
    this.#session?.stop();
  }

  /**
   * Sends a message to a conversation or a person. Resolves when it is in its place.
   *
   * @throws Refused
   */
  send(to: string, text: string, options: { reply_to?: string; client_message_id?: string } = {}): Promise<Ack> {
    const { reply_to = null, client_message_id = newId() } = options;
    return new Promise((resolve, reject) => {
      this.#answers.set(client_message_id, { resolve, reject });
      this.#session?.send({ client_message_id, to, text, reply_to });
    });
  }

  /** Tells the others that the bot has read up to a message. */
  read(message: BotMessage): void {
    const { conversation_id, seq } = message;
    this.#session?.write({ type: "read", conversation_id, seq });
  }

  connected(ready: Ready): void {
    // Where nothing has changed no `dirty` comes, and there is nothing to pass over.
    if (ready.upos === this.#upos) this.#skips = false;
    if (!this.#skips) this.#beginning?.resolve();
    for (const [id, feed] of this.#feeds) if (feed.lags) void this.#pull(id, feed);
  }

  disconnected(): void {
    this.#pulling.clear();
  }

  event({ conversation_id, seq, event }: EventFrame): void {
    this.#arrived(conversation_id, (feed) => feed.event(seq, event));
  }

  acked(message: Outgoing | null, ack: Ack): void {
    this.#answers.get(ack.client_message_id)?.resolve(ack);
    this.#answers.delete(ack.client_message_id);
    const { conversation_id, seq } = ack;
    if (message === null || ack.dup) {
      this.#reaches(conversation_id, seq);
      return;
    }
    const own = ownMessage(this.#user_id, message, ack);
    // The socket that sent a message gets its ack in the place of the event.
    this.#arrived(conversation_id, (feed) => feed.event(seq, { kind: "message", ...own }));
  }

  refused(message: Outgoing, problem: string): void {
    this.#answers.get(message.client_message_id)?.reject(new Refused({ code: problem }));
    this.#answers.delete(message.client_message_id);
  }

  dirty(heads: Head[], more: boolean, upos: number | null): void {
    const skips = this.#skips;
    for (const { conversation_id, head } of heads) {
      if (skips && !this.#feeds.has(conversation_id)) {
        this.#feeds.set(conversation_id, new Feed(head));
        this.#digest.reaches(conversation_id, head);
      } else {
        this.#reaches(conversation_id, head);
      }
    }
    if (upos === null) return;
    this.#upos_next = upos;
    void this.#listMore(more);
  }

  heads(heads: Head[]): void {
    this.dirty(heads, false, null);
  }

  digest(digest: string): void {
    if (this.#digest.toString() !== digest) this.#session?.askHeads();
  }

  notice(): void {
    // Whispers and positions are not for bots.
  }

  over(reason: string | null): void {
    for (const { reject } of this.#answers.values()) reject(Refused.signedOut());
    this.#answers.clear();
    this.#beginning?.reject(Refused.signedOut());
    this.onOver(reason);
  }

  /** More conversations changed than the socket names: the list has them all. */
  async #listMore(more: boolean): Promise<void> {
    let cursor: string | undefined;
    while (more) {
      const query = { limit: 100, ...(cursor !== undefined && { cursor }) };
      const page = await this.rest.call("get", "/conversations", { query }).catch(() => null);
      if (page === null) return;
      this.dirty(page.conversations, false, null);
      cursor = page.next_cursor ?? undefined;
      more = cursor !== undefined;
    }
    this.#skips = false;
    this.#beginning?.resolve();
    this.#advance();
  }

  #reaches(conversation_id: string, head: number): void {
    this.#arrived(conversation_id, (feed) => {
      feed.reaches(head);
      return [];
    });
  }

  #arrived(conversation_id: string, take: (feed: Feed) => LoggedEvent[]): void {
    const feed = this.#feeds.get(conversation_id) ?? new Feed();
    this.#feeds.set(conversation_id, feed);
    for (const logged of take(feed)) this.#give(conversation_id, logged);
    this.#digest.reaches(conversation_id, feed.have);
    if (feed.lags) void this.#pull(conversation_id, feed);
    else this.#advance();
  }

  async #pull(conversation_id: string, feed: Feed): Promise<void> {
    if (this.#session === null || this.#pulling.has(conversation_id)) return;
    this.#pulling.add(conversation_id);
    try {
      const page = await this.#session.pull(conversation_id, feed.have, PAGE_EVENTS);
      this.#pulling.delete(conversation_id);
      this.#arrived(conversation_id, () => feed.page(page));
    } catch (error) {
      this.#pulling.delete(conversation_id);
      if (!(error instanceof Refused) || !error.final) return;
      feed.close();
      this.#digest.forget(conversation_id);
      this.#advance();
    }
  }

  /** Once nothing is missing, this run has everything up to the place that the server named. */
  #advance(): void {
    const lags = [...this.#feeds.values()].some((feed) => feed.lags);
    if (this.#upos_next === null || lags || this.#skips) return;
    this.#upos = Math.max(this.#upos, this.#upos_next);
    this.#session?.reached(this.#upos_next);
    this.#upos_next = null;
  }

  #give(conversation_id: string, logged: LoggedEvent): void {
    const { seq, event } = logged;
    const isOthers = event.kind === "message" && event.sender_id !== this.#user_id && !event.deleted;
    try {
      if (isOthers) this.onMessage({ ...event, conversation_id, seq });
      else this.onEvent(conversation_id, logged);
    } catch (error) {
      this.onError(error);
    }
  }
}
