import type { MessageItem, Update } from "./core-api.ts";
import type { Ack } from "./frames.ts";
import { newId } from "./ids.ts";
import { Refused } from "./problem.ts";
import type { Outgoing } from "./outbox.ts";
import type { Saver } from "./saver.ts";
import type { StoredSend } from "./storage.ts";

/** Messages that may wait. */
export const OUTBOX_MAX = 1024;
/** The refusal after which the same name can never be used again. */
const NAME_IS_USED = "idempotency-conflict";

export interface SendsOptions {
  saver: Saver;
  tell(update: Update): void;
  /** Who sends, and how far a conversation goes. */
  me(): string;
  head(conversation: string): number;
  /** Whether there is a connection. */
  isUp(): boolean;
  send(message: Outgoing): void;
  discard(client_message_id: string): void;
}

/** The messages that wait for their answer or were refused: safe on this device, and shown as part of their timeline. */
export class Sends {
  readonly #options: SendsOptions;
  readonly #sends = new Map<string, StoredSend>();
  #order = 0;
  #was_up = false;

  constructor(options: SendsOptions) {
    this.#options = options;
  }

  /** What an earlier run left; it is sent again, in order. */
  restore(stored: StoredSend[]): void {
    for (const send of [...stored].sort((one, other) => one.order - other.order)) {
      this.#sends.set(send.client_message_id, send);
      this.#order = Math.max(this.#order, send.order + 1);
      if (send.problem === null) this.#options.send(send);
    }
  }

  get size(): number {
    return this.#sends.size;
  }

  /** What waits for a conversation, as rows. */
  items(conversation: string): MessageItem[] {
    const sends = [...this.#sends.values()].filter((send) => send.to === conversation);
    return sends.map((send) => this.#item(send));
  }

  /** Shows a message, makes it safe, and sends it. */
  async send(to: string, text: string, reply_to: string | null, client_message_id: string): Promise<void> {
    if (this.#sends.has(client_message_id)) return;
    if (this.#sends.size >= OUTBOX_MAX) {
      throw new Refused({ code: "outbox-full", title: "Too much waits to be sent" });
    }
    const written_at = new Date().toISOString();
    const order = this.#order++;
    const send: StoredSend = {
      client_message_id,
      to,
      text,
      reply_to,
      order,
      written_at,
      problem: null,
    };
    this.#sends.set(client_message_id, send);
    this.#tell(to, [this.#item(send)], []);
    // One that cannot be kept is sent all the same: it is lost only if this program ends before the answer.
    const kept = this.#keep(send).catch(() => undefined);
    this.#options.send(send);
    await kept;
  }

  /** Sends a refused one again, under the same name where the refusal allows it. */
  async retry(client_message_id: string): Promise<void> {
    const send = this.#sends.get(client_message_id);
    if (send === undefined || send.problem === null) return;
    if (send.problem === NAME_IS_USED) {
      await this.discard(client_message_id);
      await this.send(send.to, send.text, send.reply_to, newId());
      return;
    }
    const again: StoredSend = { ...send, order: this.#order++, problem: null };
    this.#sends.delete(client_message_id);
    this.#sends.set(client_message_id, again);
    this.#tell(send.to, [this.#item(again)], []);
    this.#options.send(again);
    await this.#keep(again).catch(() => undefined);
  }

  async discard(client_message_id: string): Promise<void> {
    const send = this.#sends.get(client_message_id);
    if (send === undefined) return;
    this.#options.discard(client_message_id);
    this.#sends.delete(client_message_id);
    this.#tell(send.to, [], [client_message_id]);
    const write = { table: "outbox", key: client_message_id, value: null } as const;
    await this.#options.saver.now(write).catch(() => undefined);
  }

  /** A message has its place. Returns what was sent, unless it is not known here. */
  acked(ack: Ack): StoredSend | null {
    const send = this.#sends.get(ack.client_message_id) ?? null;
    if (send === null) return null;
    this.#sends.delete(ack.client_message_id);
    // One that is forgotten too late is sent once more, under the same name.
    this.#options.saver.soon({ table: "outbox", key: ack.client_message_id, value: null });
    if (send.to !== ack.conversation_id) this.#readdress(send.to, ack.conversation_id);
    return send;
  }

  /** A message will never be in the log. */
  refused(client_message_id: string, problem: string): void {
    const send = this.#sends.get(client_message_id);
    if (send === undefined) return;
    const failed = { ...send, problem };
    this.#sends.set(client_message_id, failed);
    this.#tell(send.to, [this.#item(failed)], []);
    void this.#keep(failed).catch(() => undefined);
  }

  /** The connection came or went: what waits is on its way, or is not. */
  connectionChanged(): void {
    if (this.#was_up === this.#options.isUp()) return;
    this.#was_up = !this.#was_up;
    const conversations = new Set([...this.#sends.values()].map((send) => send.to));
    for (const conversation of conversations) this.#tell(conversation, this.items(conversation), []);
  }

  stop(): void {
    this.#sends.clear();
  }

  #readdress(receiver_id: string, conversation_id: string): void {
    this.#options.tell({ kind: "conversation-created", receiver_id, conversation_id });
    for (const send of this.#sends.values()) {
      if (send.to !== receiver_id) continue;
      const moved = { ...send, to: conversation_id };
      this.#sends.set(send.client_message_id, moved);
      void this.#keep(moved).catch(() => undefined);
    }
    const moved = this.items(conversation_id);
    if (moved.length > 0) this.#tell(conversation_id, moved, []);
  }

  #item(send: StoredSend): MessageItem {
    const waits = this.#options.isUp() ? "sending" : "queued";
    return {
      kind: "message",
      key: send.client_message_id,
      seq: null,
      message_id: null,
      client_message_id: send.client_message_id,
      sender_id: this.#options.me(),
      text: send.text,
      sent_at: send.written_at,
      edited_at: null,
      deleted: false,
      reply_to: send.reply_to,
      reactions: [],
      state: send.problem === null ? waits : "failed",
      problem: send.problem,
    };
  }

  #tell(conversation_id: string, items: MessageItem[], gone: string[]): void {
    const head = this.#options.head(conversation_id);
    this.#options.tell({ kind: "timeline", conversation_id, items, gone, head });
  }

  #keep(send: StoredSend): Promise<void> {
    return this.#options.saver.now({
      table: "outbox",
      key: send.client_message_id,
      value: send,
    });
  }
}
