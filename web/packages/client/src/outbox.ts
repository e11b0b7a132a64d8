/** What is to be sent, until it is answered: a timeout or a lost connection never turns into a refusal. */

import type { Send } from "./frames.ts";
import { isUserId } from "./ids.ts";

/** A message to send. */
export interface Outgoing {
  /** The sender's own id of it: the same on every try. */
  client_message_id: string;
  /** A conversation, or a person. */
  to: string;
  text: string;
  /** The message this one answers. */
  reply_to: string | null;
}

interface Waiting {
  message: Outgoing;
  sent_at_ms: number | null;
}

/** All messages without an answer, in the order in which they were given. */
export class Outbox {
  #waiting: Waiting[] = [];
  #in_flight = 0;
  #paused_until_ms = 0;

  push(message: Outgoing): void {
    this.#waiting.push({ message, sent_at_ms: null });
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** What to write now: in order, and never more without an answer than `in_flight_max`. */
  due(now_ms: number, in_flight_max: number): Outgoing[] {
    if (now_ms < this.#paused_until_ms) return [];
    const free = Math.max(0, in_flight_max - this.#in_flight);
    const due = this.#waiting.filter((waiting) => waiting.sent_at_ms === null).slice(0, free);
    for (const waiting of due) waiting.sent_at_ms = now_ms;
    this.#in_flight += due.length;
    return due.map((waiting) => waiting.message);
  }

  /** When there may be something to write although nothing has arrived. */
  get paused_until_ms(): number {
    return this.#waiting.length > 0 ? this.#paused_until_ms : 0;
  }

  /** When the message that waits longest for its answer was written. */
  get oldest_in_flight_ms(): number | null {
    return this.#waiting.reduce<number | null>(
      (oldest, { sent_at_ms }) => (sent_at_ms === null ? oldest : Math.min(oldest ?? sent_at_ms, sent_at_ms)),
      null,
    );
  }

  /** A message has its final answer, or is not wanted any more. Returns it, unless it is not here. */
  done(client_message_id: string): Outgoing | null {
    const index = this.#find(client_message_id);
    const [waiting] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (waiting === undefined) return null;
    if (waiting.sent_at_ms !== null) this.#in_flight -= 1;
    return waiting.message;
  }

  /** A message was not taken now. Nothing is sent until then, so that what stands behind it stays behind. */
  refusedForNow(client_message_id: string, until_ms: number): void {
    const waiting = this.#waiting[this.#find(client_message_id)];
    if (waiting === undefined) return;
    if (waiting.sent_at_ms !== null) this.#in_flight -= 1;
    waiting.sent_at_ms = null;
    this.#paused_until_ms = Math.max(this.#paused_until_ms, until_ms);
  }

  /** The connection is gone: what had no answer has an unknown fate and is sent again. */
  lost(): void {
    for (const waiting of this.#waiting) waiting.sent_at_ms = null;
    this.#in_flight = 0;
  }

  #find(client_message_id: string): number {
    return this.#waiting.findIndex((waiting) => waiting.message.client_message_id === client_message_id);
  }
}

export function sendFrame(message: Outgoing): Send {
  return {
    type: "send",
    ...(isUserId(message.to) ? { receiver_id: message.to } : { conversation_id: message.to }),
    client_message_id: message.client_message_id,
    text: message.text,
    ...(message.reply_to === null ? {} : { reply_to: message.reply_to }),
  };
}
