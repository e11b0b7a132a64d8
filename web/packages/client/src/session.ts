/** A life of connections: sends until there is an answer, asks for pages, comes back by itself. */

import { Backoff } from "./backoff.ts";
import { DEFAULT_LIMITS, parseFrame } from "./frames.ts";
import type { ClientFrame, EventFrame, Hello, Limits, Nack, Page, Ready, ServerFrame } from "./frames.ts";
import { Outbox, sendFrame } from "./outbox.ts";
import type { Outgoing } from "./outbox.ts";
import { Refused } from "./problem.ts";
import { Pulls } from "./pulls.ts";
import type { SessionHandler, SessionOptions, Socket } from "./session-handler.ts";

/** A connection that says nothing for this long is given up, and so is a send without an answer. */
const ANSWER_WITHIN_MS = 30_000;
/** A connection that does not stand by then never will. */
const OPEN_WITHIN_MS = 15_000;
/** A connection that may have died while the device slept answers by then. */
const PROBE_WITHIN_MS = 4000;
/** Far below the two minutes after which the server ends a silent socket. */
const PING_EVERY_MS = 20_000;
/** Events between two acknowledgements: far below the server's window, far above one frame for each. */
const EVENTS_PER_ACKED = 32;
const ACKED_AFTER_MS = 1000;
/** When to try again if the server does not say. */
const RETRY_AFTER_MS = 250;
const SUBPROTOCOL = "kith.v1";
const CLOSE_NO_TOKEN = 4001;
const CLOSE_REVOKED = 4003;

type Link = "idle" | "waiting" | "opening" | "up" | "over";
type Timer = ReturnType<typeof setTimeout>;

export class Session {
  limits: Limits = DEFAULT_LIMITS;
  readonly #options: SessionOptions;
  readonly #handler: SessionHandler;
  readonly #outbox = new Outbox();
  readonly #pulls = new Pulls((frame) => {
    this.#write(frame);
  });
  readonly #backoff: Backoff;
  #link: Link = "idle";
  #socket: Socket | null = null;
  #timer: Timer | undefined;
  #ping: Timer | undefined;
  #acked: Timer | undefined;
  #resend: Timer | undefined;
  #probe: Timer | undefined;
  #heard_at_ms = 0;
  #upos: number;
  /** The `upos` of a cold `ready` that was not acted upon yet. */
  #upos_ready: number | null = null;
  #ticket: string | null = null;
  #n = 0;
  #n_acked = 0;

  constructor(options: SessionOptions, handler: SessionHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#upos = options.upos;
    this.#backoff = options.backoff ?? new Backoff();
  }

  get isUp(): boolean {
    return this.#link === "up";
  }

  /** Connects, and stays so until `stop`. */
  start(): void {
    if (this.#link === "idle") void this.#open();
  }

  stop(): void {
    this.#drop("over");
  }

  /** Tries at once, and makes sure of a connection that stands: for a device that changed its network, or slept. */
  check(): void {
    if (this.#link === "waiting") void this.#open();
    if (!this.write({ type: "ping" })) return;
    const asked_at_ms = Date.now();
    clearTimeout(this.#probe);
    this.#probe = setTimeout(() => {
      if (this.#heard_at_ms < asked_at_ms) this.#lost(0);
    }, PROBE_WITHIN_MS);
  }

  /** Gives a connection up that the device says is gone. */
  disconnect(): void {
    if (this.#link === "up" || this.#link === "opening") this.#lost(this.#backoff.failed());
  }

  /** Everything up to this place in the inbox was acted upon. */
  reached(upos: number): void {
    if (this.#upos_ready === upos) this.#upos_ready = null;
    this.#upos = Math.max(this.#upos, upos);
  }

  /** Sends a message, and again until there is an answer. */
  send(message: Outgoing): void {
    this.#outbox.push(message);
    this.#flush();
  }

  /** Does not send a message that is not wanted any more. One that was written already may arrive all the same. */
  discard(client_message_id: string): void {
    this.#outbox.done(client_message_id);
  }

  /** Asks for events. @throws Refused `offline` where there is no connection or it is lost meanwhile. */
  async pull(conversation_id: string, after: number, limit: number): Promise<Page> {
    if (this.#link === "waiting" || this.#link === "over") throw Refused.offline();
    return this.#pulls.ask(conversation_id, after, Math.min(limit, this.limits.page_events));
  }

  askHeads(): void {
    this.write({ type: "heads" });
  }

  /** Writes a frame that may be lost. Tells whether there was a connection. */
  write(frame: ClientFrame): boolean {
    if (this.#link !== "up") return false;
    this.#write(frame);
    return true;
  }

  #write(frame: ClientFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  async #open(): Promise<void> {
    clearTimeout(this.#timer);
    this.#link = "opening";
    // A try that is given up while it waits for its token must not go on afterwards.
    const attempt = (this.#timer = setTimeout(() => {
      this.#lost(this.#backoff.failed());
    }, OPEN_WITHIN_MS));
    const isCurrent = () => this.#timer === attempt;
    try {
      const token = await this.#options.tokens.token();
      if (isCurrent()) this.#connect(token);
    } catch (error) {
      if (isCurrent()) this.#noToken(error);
    }
  }

  #noToken(error: unknown): void {
    if (error instanceof Refused && error.status === 401) this.#over(null);
    else this.#lost(this.#backoff.failed());
  }

  #connect(token: string): void {
    const socket = new this.#options.socket(this.#options.address, SUBPROTOCOL);
    this.#socket = socket;
    const isCurrent = () => this.#socket === socket;
    socket.onopen = () => {
      if (isCurrent()) this.#write(this.#hello(token));
    };
    socket.onmessage = (event: { data: unknown }) => {
      if (isCurrent()) this.#heard(parseFrame(event.data));
    };
    socket.onclose = (event: { code: number }) => {
      if (isCurrent()) this.#closed(event.code);
    };
    // Node 20 tells of a connection that was refused by this alone, and never closes it.
    socket.onerror = () => {
      if (isCurrent()) this.#lost(this.#backoff.failed());
    };
  }

  #hello(token: string): Hello {
    return {
      type: "hello",
      token,
      ...(this.#options.device !== undefined && { device: this.#options.device }),
      upos: this.#upos,
      ...(this.#ticket !== null && { resume: { ticket: this.#ticket, n: this.#n } }),
    };
  }

  #closed(code: number): void {
    if (code === CLOSE_REVOKED) {
      this.#over("ended");
    } else if (code === CLOSE_NO_TOKEN) {
      this.#drop("waiting");
      this.#handler.disconnected();
      this.#options.tokens.refresh().then(
        () => {
          if (this.#link === "waiting") this.#wait(this.#backoff.failed());
        },
        (error: unknown) => {
          if (this.#link === "waiting") this.#noToken(error);
        },
      );
    } else {
      this.#lost(this.#backoff.failed());
    }
  }

  /** Ends what stands; every question without an answer is open again. */
  #drop(link: Link): void {
    for (const timer of [this.#timer, this.#ping, this.#acked, this.#resend, this.#probe]) clearTimeout(timer);
    this.#timer = this.#acked = undefined;
    const socket = this.#socket;
    this.#socket = null;
    this.#link = link;
    socket?.close();
    this.#outbox.lost();
    this.#pulls.lost();
    // What a cold start had to tell may not have come: only another cold start tells it again.
    if (this.#upos_ready !== null) this.#ticket = this.#upos_ready = null;
  }

  #lost(wait_ms: number): void {
    this.#drop("waiting");
    this.#wait(wait_ms);
    this.#handler.disconnected();
  }

  #wait(wait_ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#open(), wait_ms);
  }

  #over(reason: string | null): void {
    this.#drop("over");
    this.#handler.over(reason);
  }

  #heard(frame: ServerFrame | null): void {
    this.#heard_at_ms = Date.now();
    if (frame === null) return;
    switch (frame.type) {
      case "ready":
        this.#ready(frame);
        break;
      case "ack":
        this.#handler.acked(this.#outbox.done(frame.client_message_id), frame);
        break;
      case "nack":
        this.#nack(frame);
        break;
      case "event":
        this.#event(frame);
        break;
      case "page":
        this.#pulls.page(frame);
        break;
      case "dirty":
        this.#handler.dirty(frame.conversations, frame.more, this.#uposOf(frame));
        break;
      case "heads":
        this.#handler.heads(frame.conversations, frame.more);
        break;
      case "pong":
        if (frame.digest !== undefined) this.#handler.digest(frame.digest);
        break;
      case "drain":
        this.#lost(frame.reconnect_in_ms + this.#backoff.failed());
        break;
      case "revoked":
        this.#over(frame.reason);
        break;
      case "error":
        if (!this.#pulls.error(frame)) this.#handler.notice(frame);
        break;
      case "cursor":
      case "typing":
      case "presence":
      case "preferences":
        this.#handler.notice(frame);
    }
    if (this.#link === "up") this.#flush();
  }

  #ready(ready: Ready): void {
    if (ready.resumed === "cold" && ready.upos < this.#upos) {
      // The server was set back to a copy of its past: it has to tell everything.
      this.#upos = 0;
      this.#lost(0);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#link = "up";
    this.limits = ready.limits;
    this.#ticket = ready.ticket ?? null;
    if (ready.resumed === "cold") {
      this.#n = 0;
      this.#upos_ready = ready.upos > this.#upos ? ready.upos : null;
    }
    this.#n_acked = this.#n;
    this.#backoff.worked();
    this.#ping = setTimeout(() => {
      this.#tick();
    }, PING_EVERY_MS);
    this.#handler.connected(ready);
    this.#pulls.start();
  }

  /** Only the one that belongs to `ready` names everything up to its `upos`. */
  #uposOf(dirty: { upos: number; more: boolean }): number | null {
    return this.#upos_ready === dirty.upos ? dirty.upos : null;
  }

  #nack(nack: Nack): void {
    if (!nack.final) {
      const until_ms = Date.now() + (nack.retry_after_ms ?? RETRY_AFTER_MS);
      this.#outbox.refusedForNow(nack.client_message_id, until_ms);
      return;
    }
    const message = this.#outbox.done(nack.client_message_id);
    if (message !== null) this.#handler.refused(message, nack.problem);
  }

  #event(frame: EventFrame): void {
    this.#n = Math.max(this.#n, frame.n);
    this.#handler.event(frame);
    if (this.#n >= this.#n_acked + EVENTS_PER_ACKED) this.#tellAcked();
    else
      this.#acked ??= setTimeout(() => {
        this.#tellAcked();
      }, ACKED_AFTER_MS);
  }

  #tellAcked(): void {
    clearTimeout(this.#acked);
    this.#acked = undefined;
    if (this.#n > this.#n_acked) this.write({ type: "acked", n: this.#n });
    this.#n_acked = this.#n;
  }

  /** Writes what is due, and comes again when more will be. */
  #flush(): void {
    if (this.#link !== "up") return;
    const now_ms = Date.now();
    for (const message of this.#outbox.due(now_ms, this.limits.sends_in_flight)) {
      this.#write(sendFrame(message));
    }
    const wait_ms = this.#outbox.paused_until_ms - now_ms;
    clearTimeout(this.#resend);
    if (wait_ms > 0)
      this.#resend = setTimeout(() => {
        this.#flush();
      }, wait_ms);
  }

  #tick(): void {
    const now_ms = Date.now();
    const silent_since_ms = Math.min(this.#outbox.oldest_in_flight_ms ?? now_ms, this.#heard_at_ms);
    if (now_ms - silent_since_ms > ANSWER_WITHIN_MS) {
      this.#lost(this.#backoff.failed());
      return;
    }
    this.write({ type: "ping" });
    this.#ping = setTimeout(() => {
      this.#tick();
    }, PING_EVERY_MS);
  }
}
