/** Where a device keeps what it has. Everything in it can be had again from the server, but the outbox and the drafts. */

import type { ConversationDetail, ConversationRow, Me, Person, Preferences, TimelineItem } from "./core-api.ts";
import type { Range } from "./ranges.ts";
import type { Outgoing } from "./outbox.ts";
import type { PreferencesChange } from "./preferences.ts";

/** What stands once. */
export interface StoredState {
  me: Me;
  upos: number;
  preferences: Preferences | null;
  /** What was chosen and the server does not have yet; earlier versions did not keep it. */
  chosen?: PreferencesChange | null;
  more_conversations: boolean;
  limits: { text_bytes: number; group_members: number };
}

/** What is kept of a conversation's log. */
export interface StoredLog {
  conversation_id: string;
  head: number;
  seen: number;
  visible_from: number;
  covered: Range[];
  used_at_ms: number;
}

/** A message without an answer, or with a refusal. */
export interface StoredSend extends Outgoing {
  /** They are sent in this order. */
  order: number;
  written_at: string;
  problem: string | null;
}

/** Positions that the server may not know. */
export interface StoredMark {
  conversation_id: string;
  /** Read up to here; null once the server has said so. */
  read_seq: number | null;
  delivered_seq: number;
}

export interface Tables {
  state: StoredState;
  rows: ConversationRow;
  logs: StoredLog;
  items: TimelineItem;
  outbox: StoredSend;
  drafts: { conversation: string; text: string };
  marks: StoredMark;
  people: Person;
  details: ConversationDetail;
  /** A sign-out that the server could not be told: the cookie of that session is not to be used again. */
  leaving: { since_ms: number };
}
export type Table = keyof Tables;
export const TABLES: readonly Table[] = [
  "state",
  "rows",
  "logs",
  "items",
  "outbox",
  "drafts",
  "marks",
  "people",
  "details",
  "leaving",
];

/** An item is found by its conversation and place, everything else by its id. */
export type Key = string | [conversation_id: string, seq: number];

export type Write =
  | { [T in Table]: { table: T; key: Key; value: Tables[T] | null } }[Table]
  /** Drops the items of a conversation that lie outside of a range, or all of them. */
  | { drop: string; keep: Range | null };

export interface Storage {
  all<T extends Table>(table: T): Promise<Tables[T][]>;
  /** The items of a conversation, in order. */
  items(conversation_id: string): Promise<TimelineItem[]>;
  /** All or nothing; what is `safe` survives a crash of the device as soon as this resolves. */
  write(writes: Write[], durability: "safe" | "relaxed"): Promise<void>;
  /** Leaves nothing behind. The storage can be used afterwards, and is empty. */
  wipe(): Promise<void>;
}

/** Keeps everything for as long as the program runs. */
export class MemoryStorage implements Storage {
  readonly #tables = new Map<Table, Map<string, { key: Key; value: unknown }>>();

  all<T extends Table>(table: T): Promise<Tables[T][]> {
    const values = [...this.#table(table).values()].map((entry) => entry.value as Tables[T]);
    return Promise.resolve(structuredClone(values));
  }

  items(conversation_id: string): Promise<TimelineItem[]> {
    const found = this.#itemsOf(conversation_id).sort((one, other) => one.seq - other.seq);
    return Promise.resolve(structuredClone(found.map(({ item }) => item)));
  }

  write(writes: Write[]): Promise<void> {
    for (const write of writes) {
      if ("drop" in write) this.#drop(write.drop, write.keep);
      else if (write.value === null) this.#table(write.table).delete(String(write.key));
      else {
        const value = structuredClone(write.value);
        this.#table(write.table).set(String(write.key), { key: write.key, value });
      }
    }
    return Promise.resolve();
  }

  wipe(): Promise<void> {
    this.#tables.clear();
    return Promise.resolve();
  }

  #drop(conversation_id: string, keep: Range | null): void {
    for (const { seq } of this.#itemsOf(conversation_id)) {
      if (keep !== null && keep[0] <= seq && seq <= keep[1]) continue;
      this.#table("items").delete(String([conversation_id, seq]));
    }
  }

  #itemsOf(conversation_id: string): { seq: number; item: TimelineItem }[] {
    return [...this.#table("items").values()].flatMap(({ key, value }) =>
      Array.isArray(key) && key[0] === conversation_id ? [{ seq: key[1], item: value as TimelineItem }] : [],
    );
  }

  #table(table: Table): Map<string, { key: Key; value: unknown }> {
    const found = this.#tables.get(table) ?? new Map<string, { key: Key; value: unknown }>();
    this.#tables.set(table, found);
    return found;
  }
}
