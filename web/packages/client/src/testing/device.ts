/** A device for tests: a core over a fake server, and what it told. */

import { vi } from "vitest";

import type { MessageItem, TimelineItem, Update } from "../core-api.ts";
import { Core } from "../core.ts";
import { MemoryStorage } from "../storage.ts";
import type { Storage } from "../storage.ts";
import { FakeServer, FakeSocket } from "./fake-server.ts";

interface Life {
  ended: boolean;
}

export class Device {
  readonly updates: Update[] = [];
  readonly storage: Storage;
  readonly server: FakeServer;
  core: Core;
  #life: Life = { ended: false };

  constructor(server = new FakeServer(), storage: Storage = new MemoryStorage()) {
    this.server = server;
    this.storage = storage;
    this.core = this.#start();
  }

  static async signedIn(server = new FakeServer(), storage: Storage = new MemoryStorage()): Promise<Device> {
    server.signedIn = false;
    const device = new Device(server, storage);
    await device.core.signIn({ username: "anna", password: "p", device: "test" });
    await settled();
    return device;
  }

  /** The program ends without a word, with all that it had not written yet, and starts again. */
  async crash(): Promise<void> {
    this.#life.ended = true;
    this.server.cut();
    this.core = this.#start();
    await settled();
  }

  #start(): Core {
    const { server, storage } = this;
    const life: Life = { ended: false };
    this.#life = life;
    const core: Core = new Core({
      base: "http://kith.test",
      storage: mortal(storage, life),
      fetch: (...request) => (life.ended ? new Promise(() => undefined) : server.fetch(...request)),
      socket: class extends FakeSocket {
        constructor() {
          super(server, () => !life.ended);
        }
      },
      cookie: true,
      random: () => 0.5,
    });
    core.subscribe((update) => {
      if (!life.ended) this.updates.push(update);
    });
    return core;
  }

  /** What a tab at the end of a conversation shows: its slice, with all that was told since. */
  async texts(conversation: string): Promise<(string | null)[]> {
    const { items } = await this.core.slice(conversation, { end: true }, 200);
    return items.map(text);
  }

  /** The rows of a conversation as they were told, the latest state of each. */
  told(conversation_id: string): Map<string, TimelineItem> {
    const rows = new Map<string, TimelineItem>();
    for (const update of this.updates) {
      if (update.kind !== "timeline" || update.conversation_id !== conversation_id) continue;
      for (const item of update.items) rows.set(item.key, item);
      for (const key of update.gone) rows.delete(key);
    }
    return rows;
  }
}

export function text(item: TimelineItem): string | null {
  return item.kind === "message" ? item.text : item.kind;
}

export function message(item: TimelineItem | undefined): MessageItem {
  if (item?.kind !== "message") throw new Error("not a message");
  return item;
}

/** Lets everything happen that is about to. */
export async function settled(wait_ms = 3000): Promise<void> {
  await vi.advanceTimersByTimeAsync(wait_ms);
}

/** A storage that a program can write to for as long as it lives. */
function mortal(storage: Storage, life: Life): Storage {
  return {
    all: (table) => storage.all(table),
    items: (conversation_id) => storage.items(conversation_id),
    write: (...writes) => (life.ended ? new Promise(() => undefined) : storage.write(...writes)),
    wipe: () => (life.ended ? new Promise(() => undefined) : storage.wipe()),
  };
}
