/** A server for tests, in this thread: one user's view of it, with the faults that a test asks for. */

import type { ClientFrame, EventBody, LoggedEvent, Page, Send, ServerFrame } from "../frames.ts";
import { DEFAULT_LIMITS } from "../frames.ts";
import { applied, messageItem, targetOf } from "../fold.ts";
import { Digest } from "../digest.ts";
import { DEFAULT_PREFERENCES } from "../preferences.ts";
import type { Socket } from "../session-handler.ts";

export const ANNA = "u00000000000000000000000001";
export const BEN = "u00000000000000000000000002";
export const DIRECT = "d40000000000000000000000001";
export const GROUP = "g00000000000000000000000001";

/** What is told to a send. */
export type SendFault = "lose-ack" | "swallow" | { problem: string; final: boolean; retry_after_ms?: number };

interface Conversation {
  peer: string | null;
  events: EventBody[];
  read_seq: number;
  upos: number;
  muted: boolean;
  visible_from: number;
  left: boolean;
}

export class FakeServer {
  readonly conversations = new Map<string, Conversation>();
  readonly sockets: FakeSocket[] = [];
  /** Every frame that came, over all sockets. */
  readonly heard: ClientFrame[] = [];
  readonly requests: string[] = [];
  /** How the next sends are answered; then as usual. */
  sendFaults: SendFault[] = [];
  reachable = true;
  /** A request that is refused for good, such as `PUT /preferences`. */
  refuses: string | null = null;
  /** What a socket tells of a server that cannot be reached; browsers tell both. */
  refusal: "close" | "error" | "error and close" = "error and close";
  /** Whether the session is good. */
  signedIn = true;
  hot = false;
  upos = 0;
  preferences = { ...DEFAULT_PREFERENCES };
  #n = 0;
  #told: { n: number; frame: ServerFrame }[] = [];
  #clock_ms = Date.parse("2026-01-01T00:00:00.000Z");

  get live(): FakeSocket | undefined {
    return this.sockets.findLast((socket) => socket.isOpen);
  }

  get digest(): string {
    const digest = new Digest();
    for (const [id, { events, left }] of this.conversations) if (!left) digest.reaches(id, events.length);
    return digest.toString();
  }

  sent(): Send[] {
    return this.heard.filter((frame) => frame.type === "send");
  }

  conversation(id: string): Conversation {
    const peer = id.startsWith("d") ? BEN : null;
    const made = { peer, events: [], read_seq: 0, upos: 0, muted: false, visible_from: 1, left: false };
    const found = this.conversations.get(id) ?? made;
    this.conversations.set(id, found);
    return found;
  }

  /** Something happens, and is told to the socket unless it is `missed`. */
  happens(id: string, event: EventBody, told: "told" | "missed" = "told"): number {
    const conversation = this.conversation(id);
    conversation.events.push(event);
    conversation.upos = this.upos += 1;
    const seq = conversation.events.length;
    if (told === "told") this.tell({ type: "event", n: 0, conversation_id: id, seq, event });
    return seq;
  }

  writes(id: string, text: string, told: "told" | "missed" = "told", sender_id = BEN): number {
    const seq = this.conversation(id).events.length + 1;
    const message_id = `${id}-${seq}`;
    return this.happens(id, { kind: "message", message_id, sender_id, text, sent_at: this.now() }, told);
  }

  edits(id: string, seq: number, text: string, told: "told" | "missed" = "told"): number {
    const message_id = `${id}-${seq}`;
    return this.happens(id, { kind: "edit", message_id, sender_id: BEN, text, sent_at: this.now() }, told);
  }

  reacts(
    id: string,
    seq: number,
    change: "added" | "removed",
    told: "told" | "missed" = "told",
    sender_id = BEN,
  ): number {
    const message_id = `${id}-${seq}`;
    const reaction = { message_id, sender_id, emoji: "👍", change, sent_at: this.now() };
    return this.happens(id, { kind: "reaction", ...reaction }, told);
  }

  /** A frame for the socket; an event gets its number. */
  tell(frame: ServerFrame): void {
    const numbered = frame.type === "event" ? { ...frame, n: (this.#n += 1) } : frame;
    if (numbered.type === "event") this.#told.push({ n: numbered.n, frame: numbered });
    this.live?.hears(numbered);
  }

  /** The connection breaks. */
  cut(code = 1006): void {
    for (const socket of this.sockets) socket.ends(code);
  }

  now(): string {
    this.#clock_ms += 1000;
    return new Date(this.#clock_ms).toISOString();
  }

  /** What a client sees that reads everything from the beginning. */
  page(id: string, after: number, limit: number): Page {
    const { events, visible_from } = this.conversation(id);
    const from = Math.max(after + 1, visible_from);
    const piece = events.slice(from - 1, from - 1 + limit);
    const page: LoggedEvent[] = piece.map((event, index) => ({
      seq: from + index,
      event: this.#folded(id, from + index, event),
    }));
    const last = page.at(-1)?.seq ?? events.length;
    return {
      type: "page",
      conversation_id: id,
      events: page,
      head: events.length,
      more: last < events.length,
      ...(from > after + 1 && { truncated_before: from }),
    };
  }

  frame(socket: FakeSocket, frame: ClientFrame): void {
    this.heard.push(frame);
    switch (frame.type) {
      case "hello":
        this.#hello(socket, frame);
        break;
      case "pull":
        socket.hears(this.page(frame.conversation_id, frame.after, frame.limit));
        break;
      case "send":
        this.#send(socket, frame);
        break;
      case "read":
        this.#read(socket, frame.conversation_id, frame.seq);
        break;
      case "heads": {
        const conversations = this.#heads(0);
        socket.hears({ type: "heads", conversations, digest: this.digest, more: false });
        break;
      }
      case "ping":
        socket.hears({ type: "pong", digest: this.digest });
        break;
      case "acked":
      case "delivered":
      case "typing":
        break;
    }
  }

  readonly fetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const path = input instanceof Request ? input.url : input.toString();
    const method = init?.method ?? "GET";
    this.requests.push(`${method} ${path}`);
    if (!this.reachable) return Promise.reject(new TypeError("Failed to fetch"));
    const body = JSON.parse((init?.body as string | undefined) ?? "null") as Record<string, unknown> | null;
    const answer = this.#isRefused(method, path)
      ? { code: "invalid", status: 422, title: "", detail: "" }
      : this.#rest(method, path.split("?")[0] ?? "", body);
    const status = "status" in answer && typeof answer.status === "number" ? answer.status : 200;
    return Promise.resolve(new Response(JSON.stringify(answer), { status }));
  };

  #isRefused(method: string, path: string): boolean {
    const [refused, end] = this.refuses?.split(" ") ?? [];
    return method === refused && end !== undefined && path.endsWith(end);
  }

  #rest(method: string, path: string, body: Record<string, unknown> | null): object {
    const tokens = {
      token: "t",
      expires_in: 900,
      user_id: ANNA,
      session_id: "s1",
      refresh_token: "r",
    };
    if (path.endsWith("/login")) {
      this.signedIn = true;
      return tokens;
    }
    if (!this.signedIn) return { code: "unauthenticated", status: 401, title: "", detail: "" };
    if (path.endsWith("/token/refresh")) return tokens;
    if (path.endsWith("/conversations")) return { conversations: this.#inbox() };
    if (path.endsWith("/preferences") && method === "GET") return this.preferences;
    if (path.endsWith("/preferences")) return this.#putPreferences(body);
    if (path.includes("/user/")) return { user_id: path.split("/").at(-1), name: "Somebody", online: true };
    if (path.endsWith("/logout") || path.includes("/message/")) return { status: "success" };
    return { code: "not-found", status: 404, title: "Not found", detail: "" };
  }

  #putPreferences(body: Record<string, unknown> | null): object {
    if (body?.["version"] !== this.preferences.version) {
      return { code: "stale-version", status: 409, title: "", detail: "" };
    }
    this.preferences = { ...this.preferences, ...body, version: this.preferences.version + 1 };
    return this.preferences;
  }

  #inbox(): object[] {
    return [...this.conversations]
      .filter(([, { left }]) => !left)
      .map(([conversation_id, { peer, events, read_seq, upos, muted }]) => ({
        conversation_id,
        kind: peer === null ? "group" : "direct",
        name: peer === null ? "Group" : "Ben",
        ...(peer !== null && { peer: { user_id: peer, name: "Ben", online: true } }),
        head: events.length,
        read_seq,
        unread: events.filter(
          (event, index) => event.kind === "message" && event.sender_id !== ANNA && index + 1 > read_seq,
        ).length,
        muted,
        upos,
        last_activity_at: new Date(this.#clock_ms).toISOString(),
        last_event: { seq: events.length, event: events.at(-1) },
        member_count: 2,
        role: "member",
      }));
  }

  #heads(after_upos: number): { conversation_id: string; head: number }[] {
    const changed = [...this.conversations].filter(([, { upos }]) => upos > after_upos);
    return changed.map(([conversation_id, { events }]) => ({
      conversation_id,
      head: events.length,
    }));
  }

  #hello(socket: FakeSocket, hello: Extract<ClientFrame, { type: "hello" }>): void {
    if (!this.signedIn) {
      socket.ends(4001);
      return;
    }
    const resumed = this.hot && hello.resume !== undefined ? "hot" : "cold";
    if (resumed === "cold") [this.#n, this.#told] = [0, []];
    const upos = resumed === "hot" ? hello.upos : this.upos;
    const ready = {
      user_id: ANNA,
      session_id: "s1",
      limits: DEFAULT_LIMITS,
      ticket: "aa",
      digest: this.digest,
    };
    socket.hears({ type: "ready", ...ready, upos, resumed });
    for (const { n, frame } of this.#told) if (n > (hello.resume?.n ?? 0)) socket.hears(frame);
    const conversations = resumed === "cold" ? this.#heads(hello.upos) : [];
    if (conversations.length > 0) socket.hears({ type: "dirty", conversations, upos, more: false });
  }

  #send(socket: FakeSocket, send: Send): void {
    const fault = this.sendFaults.shift();
    if (fault === "swallow") return;
    if (typeof fault === "object") {
      socket.hears({ type: "nack", client_message_id: send.client_message_id, ...fault });
      return;
    }
    const id = send.conversation_id ?? DIRECT;
    const { events } = this.conversation(id);
    const isIt = (event: EventBody) => event.kind === "message" && event.client_message_id === send.client_message_id;
    const before = events.findIndex(isIt);
    const { client_message_id, text, reply_to } = send;
    const seq = before < 0 ? events.length + 1 : before + 1;
    const message_id = `${id}-${seq}`;
    const message = {
      message_id,
      sender_id: ANNA,
      text,
      sent_at: this.now(),
      client_message_id,
    };
    if (before < 0) this.happens(id, { kind: "message", ...message, ...(reply_to && { reply_to }) }, "missed");
    if (fault === "lose-ack") return;
    const ack = {
      client_message_id,
      conversation_id: id,
      seq,
      message_id,
      sent_at: message.sent_at,
    };
    socket.hears({ type: "ack", ...ack, dup: before >= 0 });
  }

  #read(socket: FakeSocket, conversation_id: string, seq: number): void {
    const conversation = this.conversation(conversation_id);
    if (seq <= conversation.read_seq) return;
    conversation.read_seq = seq;
    socket.hears({ type: "cursor", conversation_id, user_id: ANNA, read_seq: seq });
  }

  #folded(id: string, seq: number, event: EventBody): EventBody {
    if (event.kind !== "message") return event;
    const changes = this.conversation(id).events.filter((change) => targetOf(change) === seq);
    const { text, edited_at, deleted, reactions } = changes.reduce(applied, messageItem(seq, event));
    return { ...event, text, edited_at, deleted, reactions };
  }
}

/** A WebSocket without a network: what is written arrives at once, what is told arrives a moment later. */
export class FakeSocket implements Socket {
  onopen: ((event: never) => unknown) | null = null;
  onmessage: ((event: never) => unknown) | null = null;
  onclose: ((event: never) => unknown) | null = null;
  onerror: ((event: never) => unknown) | null = null;
  isOpen = false;
  readonly #server: FakeServer;

  constructor(server: FakeServer, isAlive: () => boolean) {
    this.#server = server;
    if (!isAlive()) return;
    server.sockets.push(this);
    queueMicrotask(() => {
      if (!server.reachable) {
        if (server.refusal !== "close") this.onerror?.({} as never);
        if (server.refusal !== "error") this.onclose?.({ code: 1006 } as never);
        return;
      }
      this.isOpen = true;
      this.onopen?.({} as never);
    });
  }

  send(text: string): void {
    if (this.isOpen) this.#server.frame(this, JSON.parse(text) as ClientFrame);
  }

  close(): void {
    this.isOpen = false;
  }

  /** The other end is gone, and nobody says so. */
  freeze(): void {
    this.send = () => undefined;
    this.hears = () => undefined;
  }

  hears(frame: ServerFrame): void {
    const data = JSON.stringify(frame);
    queueMicrotask(() => {
      if (this.isOpen) this.onmessage?.({ data } as never);
    });
  }

  ends(code: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.onclose?.({ code } as never);
  }
}

/** A server whose user has so many messages, all unread. */
export function serverWith(count: number, id = DIRECT): FakeServer {
  const server = new FakeServer();
  for (let index = 1; index <= count; index += 1) server.writes(id, `m${index}`, "missed");
  return server;
}
