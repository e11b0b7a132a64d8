/** The storage of a browser: one database for each origin. Only the worker writes to it. */

import { deleteDB, openDB } from "idb";
import type { IDBPDatabase } from "idb";

import type { TimelineItem } from "./core-api.ts";
import { TABLES } from "./storage.ts";
import type { Storage, Table, Tables, Write } from "./storage.ts";

/** Every version has a step below that leads to it from the one before. */
const VERSION = 1;

type Database = IDBPDatabase;

/** The steps from one version to the next: a device may come from any of them. */
const STEPS: ((database: Database) => void)[] = [
  (database) => {
    for (const table of TABLES) database.createObjectStore(table);
  },
];

function itemsOf(conversation_id: string): IDBKeyRange {
  return IDBKeyRange.bound([conversation_id, 0], [conversation_id, Number.MAX_SAFE_INTEGER]);
}

export class IndexedDbStorage implements Storage {
  readonly #name: string;
  #database: Promise<Database> | null = null;

  constructor(name = "kith") {
    this.#name = name;
  }

  async all<T extends Table>(table: T): Promise<Tables[T][]> {
    const database = await this.#open();
    return (await database.getAll(table)) as Tables[T][];
  }

  async items(conversation_id: string): Promise<TimelineItem[]> {
    const database = await this.#open();
    return (await database.getAll("items", itemsOf(conversation_id))) as TimelineItem[];
  }

  async write(writes: Write[], durability: "safe" | "relaxed"): Promise<void> {
    const database = await this.#open();
    const tables = [...new Set(writes.map((write) => ("drop" in write ? "items" : write.table)))];
    const options = { durability: durability === "safe" ? "strict" : "relaxed" } as const;
    const transaction = database.transaction(tables, "readwrite", options);
    for (const write of writes) {
      const store = transaction.objectStore("drop" in write ? "items" : write.table);
      // The outcome of the whole is what counts; each request would report the same failure once more.
      const ignore = (request: Promise<unknown>) => void request.catch(() => undefined);
      if ("drop" in write) {
        const [first, last] = write.keep ?? [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
        ignore(store.delete(IDBKeyRange.bound([write.drop, 0], [write.drop, first], false, true)));
        if (write.keep === null) continue;
        const end = [write.drop, Number.MAX_SAFE_INTEGER];
        ignore(store.delete(IDBKeyRange.bound([write.drop, last], end, true, false)));
      } else if (write.value === null) {
        ignore(store.delete(write.key));
      } else {
        ignore(store.put(write.value, write.key));
      }
    }
    // Nothing more comes: whoever ends this program now does not end this transaction any more.
    transaction.commit();
    await transaction.done;
  }

  async wipe(): Promise<void> {
    const database = await this.#database?.catch(() => null);
    this.#database = null;
    database?.close();
    await deleteDB(this.#name);
  }

  #open(): Promise<Database> {
    this.#database ??= openDB(this.#name, VERSION, {
      upgrade: (database, from) => {
        for (const step of STEPS.slice(from)) step(database);
      },
      // A newer page wants to upgrade, or another one wipes: nobody is kept waiting.
      blocking: (_current, _blocked, event) => {
        (event.target as IDBDatabase).close();
        this.#database = null;
      },
      terminated: () => {
        this.#database = null;
      },
    }).catch((error: unknown) => {
      this.#database = null;
      throw error;
    });
    return this.#database;
  }
}
