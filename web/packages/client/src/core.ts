import { Account } from "./account.ts";
import type {
  ConversationDetail,
  CoreApi,
  Me,
  MessageItem,
  Person,
  Place,
  Preferences,
  Slice,
  Snapshot,
  Update,
} from "./core-api.ts";
import { socketAddress } from "./address.ts";
import { Calls } from "./calls.ts";
import { reacted } from "./fold.ts";
import { DEFAULT_LIMITS } from "./frames.ts";
import { placeOf, newId } from "./ids.ts";
import { asMessage, isGone } from "./inbox.ts";
import { toMe } from "./people.ts";
import { DEFAULT_PREFERENCES } from "./preferences.ts";
import type { PreferencesChange } from "./preferences.ts";
import { Refused } from "./problem.ts";
import { Rest } from "./rest.ts";
import type { Tokens } from "./rest.ts";
import type { SocketClass } from "./session-handler.ts";
import type { Storage, StoredState, Tables } from "./storage.ts";

export interface CoreOptions {
  /** The server, such as `https://chat.example.org`; empty for the page's own. */
  base: string;
  storage: Storage;
  /** What the platform has is used where these are absent. */
  fetch?: typeof fetch;
  socket?: SocketClass;
  /** The session is the browser's cookie, and no refresh token is ever seen here. */
  cookie: boolean;
  random?: () => number;
}

type Listener = (update: Update) => void;

/** The core of a client: everything that a user interface needs, for one user at a time. */
export class Core extends Calls implements CoreApi {
  readonly #options: CoreOptions;
  protected readonly rest: Rest;
  readonly #listeners = new Set<Listener>();
  readonly #started: Promise<void>;
  #account: Account | null = null;

  constructor(options: CoreOptions) {
    super();
    this.#options = options;
    const { base, cookie } = options;
    this.rest = new Rest({ base, cookie, ...(options.fetch && { fetch: options.fetch }) });
    this.#started = this.#start();
  }

  /** Calls with everything that happens, until the function that is returned is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The device says that there is a network again, or that it woke up. */
  wake(): void {
    this.#account?.session.check();
  }

  /** The device says that there is no network. */
  sleep(): void {
    this.#account?.session.disconnect();
  }

  /** Ends, and leaves everything as it is for the next run. */
  async close(): Promise<void> {
    await this.#started;
    await this.#account?.close("keep");
    this.#account = null;
  }

  async snapshot(): Promise<Snapshot> {
    await this.#started;
    const account = this.#account;
    const { text_bytes, group_members } = account?.limits ?? DEFAULT_LIMITS;
    return {
      me: account?.me ?? null,
      connection: account?.connection ?? "signed-out",
      offline_since_ms: account?.offline_since_ms ?? null,
      conversations: account?.inbox.rows() ?? [],
      more_conversations: account?.inbox.more ?? false,
      preferences: account?.choices.preferences ?? DEFAULT_PREFERENCES,
      limits: { text_bytes, group_members },
    };
  }

  async signUp(form: Parameters<CoreApi["signUp"]>[0]): Promise<Me> {
    await this.#started;
    const { device, ...body } = form;
    await this.rest.call("post", "/register", { body, anonymous: true });
    return this.signIn({ username: form.email, password: form.password, device });
  }

  async signIn({ username, password, device }: Parameters<CoreApi["signIn"]>[0]): Promise<Me> {
    await this.#started;
    const tokens = await this.rest.signIn(username, password, device);
    // Whoever was here before leaves nothing behind.
    await this.#leave();
    return this.#begin(tokens);
  }

  async signOut(): Promise<void> {
    const account = await this.signedIn();
    account.session.stop();
    const told = await this.#tellServer();
    if (this.#account !== account) return;
    await this.#over(null);
    if (!told) await this.#mark({ since_ms: Date.now() });
  }

  async moreConversations(): Promise<void> {
    await (await this.signedIn()).inbox.readMore();
  }

  async detail(conversation: string): Promise<ConversationDetail> {
    return (await this.signedIn()).detail(conversation);
  }

  async person(user_id: string): Promise<Person> {
    return (await this.signedIn()).people.load(user_id);
  }

  async people(user_ids: string[]): Promise<Person[]> {
    const { people } = await this.signedIn();
    people.want(user_ids);
    return user_ids.flatMap((id) => people.get(id) ?? []);
  }

  async slice(conversation: string, place: Place, limit: number): Promise<Slice> {
    return (await this.signedIn()).slice(conversation, place, limit);
  }

  async message(message_id: string): Promise<MessageItem | null> {
    const { timelines } = await this.signedIn();
    const here = await timelines.message(message_id);
    if (here !== null) return here;
    try {
      return asMessage(await this.rest.call("get", "/message/{message_id}", { in: [message_id] }));
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  async send(
    conversation: string,
    text: string,
    reply_to: string | null,
    client_message_id = newId(),
  ): Promise<{ client_message_id: string }> {
    const account = await this.signedIn();
    const to = account.directs.known(conversation) ?? conversation;
    await account.sends.send(to, text, reply_to, client_message_id);
    return { client_message_id };
  }

  async outboxCount(): Promise<number> {
    return (await this.signedIn()).sends.size;
  }

  async retry(client_message_id: string): Promise<void> {
    await (await this.signedIn()).sends.retry(client_message_id);
  }

  async discard(client_message_id: string): Promise<void> {
    await (await this.signedIn()).sends.discard(client_message_id);
  }

  async react(message_id: string, emoji: string, change: "added" | "removed"): Promise<void> {
    const account = await this.signedIn();
    await this.#showReaction(account, message_id, emoji, change);
    try {
      if (change === "added") {
        const body = { emoji };
        await this.rest.call("post", "/message/{message_id}/reaction", {
          in: [message_id],
          body,
        });
      } else {
        const query = { emoji };
        await this.rest.call("delete", "/message/{message_id}/reaction", {
          in: [message_id],
          query,
        });
      }
    } catch (error) {
      await this.#showReaction(account, message_id, emoji, change === "added" ? "removed" : "added");
      throw error;
    }
  }

  async read(conversation: string, seq: number): Promise<void> {
    const account = await this.signedIn();
    const id = account.directs.known(conversation);
    if (id !== null) account.read(id, seq);
  }

  async typing(conversation: string): Promise<void> {
    const account = await this.signedIn();
    const id = account.directs.known(conversation);
    if (id !== null) account.typing.writes(id);
  }

  async draft(conversation: string): Promise<string | null> {
    return (await this.signedIn()).draft(conversation);
  }

  async setDraft(conversation: string, text: string | null): Promise<void> {
    await (await this.signedIn()).setDraft(conversation, text);
  }

  async setPreferences(change: Partial<Omit<Preferences, "version">>): Promise<void> {
    await (await this.signedIn()).choices.choose(change satisfies PreferencesChange);
  }

  async #start(): Promise<void> {
    const { storage, cookie } = this.#options;
    // A storage that cannot be read is as good as none: everything comes from the server again.
    const [state] = await storage.all("state").catch((): StoredState[] => []);
    if (state !== undefined) {
      const account = this.#enter(state);
      await account.restore().catch(() => undefined);
      account.start();
    } else if (cookie) {
      await this.#resume();
    }
  }

  /** A browser that keeps the session and nothing else begins anew; one that should have forgotten it does so now. */
  async #resume(): Promise<void> {
    const [leaving] = await this.#options.storage.all("leaving").catch(() => []);
    if (leaving !== undefined) {
      void this.#tellServer().then((told) => (told ? this.#mark(null) : undefined));
      return;
    }
    const tokens = await this.rest.resume().catch(() => null);
    if (tokens !== null) await this.#begin(tokens).catch(() => undefined);
  }

  /** Tells the server that the session is over. The outcome may not be known. */
  async #tellServer(): Promise<boolean> {
    try {
      await this.rest.call("post", "/logout");
      return true;
    } catch (error) {
      return error instanceof Refused && (error.final || error.status === 401);
    }
  }

  async #mark(leaving: Tables["leaving"] | null): Promise<void> {
    const write = { table: "leaving", key: "leaving", value: leaving } as const;
    await this.#options.storage.write([write], "safe").catch(() => undefined);
  }

  async #begin({ user_id, session_id }: Tokens): Promise<Me> {
    const view = await this.rest.call("get", "/user/{user_id}", { in: [user_id] });
    const me = toMe(view, session_id);
    const { text_bytes, group_members } = DEFAULT_LIMITS;
    const limits = { text_bytes, group_members };
    const state = { me, upos: 0, preferences: null, more_conversations: false, limits };
    this.#enter(state).start();
    this.#tell({ kind: "me", me });
    return me;
  }

  #enter(state: StoredState): Account {
    const { base, storage, socket, random } = this.#options;
    const account: Account = new Account(
      {
        rest: this.rest,
        storage,
        socket: socket ?? WebSocket,
        address: socketAddress(base),
        ...(random && { random }),
        tell: (update) => {
          this.#tell(update);
        },
        over: (reason) => {
          if (this.#account === account) void this.#over(reason);
        },
      },
      state,
    );
    this.#account = account;
    return account;
  }

  async #leave(): Promise<void> {
    const account = this.#account;
    this.#account = null;
    if (account !== null) await account.close("wipe");
    else await this.#options.storage.wipe().catch(() => undefined);
  }

  async #over(reason: string | null): Promise<void> {
    this.rest.forget();
    await this.#leave();
    this.#tell({ kind: "signed-out", reason });
  }

  protected async signedIn(): Promise<Account> {
    await this.#started;
    if (this.#account === null) throw Refused.signedOut();
    return this.#account;
  }

  async #showReaction(account: Account, message_id: string, emoji: string, change: "added" | "removed"): Promise<void> {
    const item = await account.timelines.message(message_id);
    const place = placeOf(message_id);
    if (item === null || place === null) return;
    const shown = reacted(item, account.me.user_id, emoji, change);
    if (shown !== item) account.timelines.change(place.conversation_id, shown);
  }

  #tell(update: Update): void {
    for (const listener of this.#listeners) listener(update);
  }
}
