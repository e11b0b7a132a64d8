import type { Key, Storage, Write } from "./storage.ts";

/** Writes are gathered for so long, or until there are so many of them. */
const GATHER_MS = 250;
const GATHER_MAX = 100;

/** Writes what may wait in batches, and what may not at once. A storage that fails makes the device forget, never stop. */
export class Saver {
  readonly #storage: Storage;
  readonly #makeRoom: () => Write[];
  #gathered = new Map<string, Write>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #writing: Promise<void> = Promise.resolve();

  /** `makeRoom` says what can go when the device has no more room. */
  constructor(storage: Storage, makeRoom: () => Write[]) {
    this.#storage = storage;
    this.#makeRoom = makeRoom;
  }

  /** Writes soon; what is written to the same key meanwhile replaces it. */
  soon(...writes: Write[]): void {
    if (this.#closed) return;
    for (const write of writes) {
      const key = "drop" in write ? `drop ${write.drop}` : `${write.table} ${String(write.key)}`;
      // A drop goes before the items that come behind it.
      if ("drop" in write) this.#forgetItems(write.drop);
      this.#gathered.delete(key);
      this.#gathered.set(key, write);
    }
    const wait_ms = this.#gathered.size >= GATHER_MAX ? 0 : GATHER_MS;
    if (wait_ms === 0) clearTimeout(this.#timer);
    if (wait_ms === 0 || this.#timer === undefined) {
      this.#timer = setTimeout(() => void this.flush(), wait_ms);
    }
  }

  /** Writes at once. Resolves when it is safe; rejects if it could not be made safe. */
  now(write: Write): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const written = this.#try([write], "safe");
    // A wipe waits for it.
    this.#writing = Promise.allSettled([this.#writing, written]).then(() => undefined);
    return written;
  }

  /** Writes what was gathered. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const writes = [...this.#gathered.values()];
    this.#gathered = new Map();
    if (writes.length > 0) {
      const write = () => this.#try(writes, "relaxed").catch(() => undefined);
      this.#writing = this.#writing.then(write);
    }
    return this.#writing;
  }

  /** Writes nothing more. What was gathered is written first, unless everything is wiped. */
  async close(what: "keep" | "wipe"): Promise<void> {
    if (what === "keep") await this.flush();
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    if (what === "wipe") await this.#storage.wipe().catch(() => undefined);
  }

  async #try(writes: Write[], durability: "safe" | "relaxed"): Promise<void> {
    try {
      await this.#storage.write(writes, durability);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "QuotaExceededError") throw error;
      await this.#storage.write(this.#makeRoom(), "relaxed");
      await this.#storage.write(writes, durability);
    }
  }

  #forgetItems(conversation_id: string): void {
    for (const [name, write] of this.#gathered) {
      if ("drop" in write || write.table !== "items") continue;
      if (isOf(write.key, conversation_id)) this.#gathered.delete(name);
    }
  }
}

function isOf(key: Key, conversation_id: string): boolean {
  return Array.isArray(key) && key[0] === conversation_id;
}
