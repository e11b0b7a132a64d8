import type { Saver } from "./saver.ts";
import type { StoredMark } from "./storage.ts";

/** Positions are gathered for so long before they are told. */
const READ_EVERY_MS = 300;
const DELIVERED_EVERY_MS = 1000;

export interface PositionsOptions {
  saver: Saver;
  /** Writes a position; tells whether there was a connection. */
  write(type: "read" | "delivered", conversation_id: string, seq: number): boolean;
}

/** How far this device has got in each conversation, until the server knows it. */
export class Positions {
  readonly #options: PositionsOptions;
  readonly #marks = new Map<string, StoredMark>();
  readonly #unsaid = { read: new Set<string>(), delivered: new Map<string, number>() };
  #reading: ReturnType<typeof setTimeout> | undefined;
  #delivering: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PositionsOptions) {
    this.#options = options;
  }

  restore(marks: StoredMark[]): void {
    for (const mark of marks) this.#marks.set(mark.conversation_id, mark);
  }

  /** A read position that the server may not know; 0 for none. */
  readHere(conversation_id: string): number {
    return this.#marks.get(conversation_id)?.read_seq ?? 0;
  }

  /** The user has read up to here: told soon, and again with every connection until the server has said so. */
  read(conversation_id: string, seq: number): void {
    if (seq <= this.readHere(conversation_id)) return;
    this.#set(conversation_id, { read_seq: seq });
    this.#unsaid.read.add(conversation_id);
    this.#reading ??= setTimeout(() => {
      this.#tellRead();
    }, READ_EVERY_MS);
  }

  /** The server knows that the user has read up to here. */
  known(conversation_id: string, read_seq: number): void {
    const here = this.readHere(conversation_id);
    if (here > 0 && read_seq >= here) this.#set(conversation_id, { read_seq: null });
  }

  /** Messages of others have reached this device up to here. */
  delivered(conversation_id: string, seq: number): void {
    const told = this.#marks.get(conversation_id)?.delivered_seq ?? 0;
    if (seq <= Math.max(told, this.#unsaid.delivered.get(conversation_id) ?? 0)) return;
    this.#unsaid.delivered.set(conversation_id, seq);
    this.#delivering ??= setTimeout(() => {
      this.#tellDelivered();
    }, DELIVERED_EVERY_MS);
  }

  /** A new connection knows nothing of what was written to the one before. */
  connected(): void {
    for (const mark of this.#marks.values()) {
      if (mark.read_seq !== null) this.#unsaid.read.add(mark.conversation_id);
    }
    this.#tellRead();
    this.#tellDelivered();
  }

  forget(conversation_id: string): void {
    this.#marks.delete(conversation_id);
    this.#options.saver.soon({ table: "marks", key: conversation_id, value: null });
  }

  stop(): void {
    clearTimeout(this.#reading);
    clearTimeout(this.#delivering);
    this.#reading = this.#delivering = undefined;
    this.#marks.clear();
    this.#unsaid.read.clear();
    this.#unsaid.delivered.clear();
  }

  #tellRead(): void {
    clearTimeout(this.#reading);
    this.#reading = undefined;
    for (const id of this.#unsaid.read) {
      const seq = this.readHere(id);
      if (seq > 0 && !this.#options.write("read", id, seq)) return;
      this.#unsaid.read.delete(id);
    }
  }

  #tellDelivered(): void {
    clearTimeout(this.#delivering);
    this.#delivering = undefined;
    for (const [id, seq] of this.#unsaid.delivered) {
      if (!this.#options.write("delivered", id, seq)) return;
      this.#unsaid.delivered.delete(id);
      this.#set(id, { delivered_seq: seq });
    }
  }

  #set(conversation_id: string, change: Partial<StoredMark>): void {
    const before = this.#marks.get(conversation_id) ?? {
      conversation_id,
      read_seq: null,
      delivered_seq: 0,
    };
    const mark = { ...before, ...change };
    this.#marks.set(conversation_id, mark);
    this.#options.saver.soon({ table: "marks", key: conversation_id, value: mark });
  }
}
