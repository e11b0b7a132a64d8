import "fake-indexeddb/auto";

import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { messageItem } from "./fold.ts";
import { IndexedDbStorage } from "./indexed-db.ts";
import { Saver } from "./saver.ts";
import { MemoryStorage } from "./storage.ts";
import type { Storage, Write } from "./storage.ts";

let databases = 0;
const STORAGES: [string, () => Storage][] = [
  ["memory", () => new MemoryStorage()],
  ["IndexedDB", () => new IndexedDbStorage(`kith-test-${(databases += 1)}`)],
];

function row(conversation_id: string, seq: number): Write {
  const message_id = `${conversation_id}-${seq}`;
  const value = messageItem(seq, { message_id, sender_id: "u1", text: String(seq), sent_at: "2026-01-01" });
  return { table: "items", key: [conversation_id, seq], value };
}

describe.each(STORAGES)("a storage in %s", (_name, make) => {
  it("gives the items of a conversation in order, and no others", async () => {
    const storage = make();
    await storage.write([row("d1", 10), row("d1", 9), row("d2", 1), row("d10", 2)], "relaxed");
    expect((await storage.items("d1")).map((item) => item.seq)).toEqual([9, 10]);
  });

  it("drops what lies outside of a range, or all", async () => {
    const storage = make();
    await storage.write([1, 2, 3, 4, 5].map((seq) => row("d1", seq)).concat(row("d2", 1)), "relaxed");
    await storage.write([{ drop: "d1", keep: [2, 4] }], "relaxed");
    expect((await storage.items("d1")).map((item) => item.seq)).toEqual([2, 3, 4]);
    await storage.write([{ drop: "d1", keep: null }, row("d1", 9)], "relaxed");
    expect((await storage.items("d1")).map((item) => item.seq)).toEqual([9]);
    expect(await storage.items("d2")).toHaveLength(1);
  });

  it("keeps what was written until it is taken away", async () => {
    const storage = make();
    const draft = { conversation: "d1", text: "half a thought" };
    await storage.write([{ table: "drafts", key: "d1", value: draft }], "safe");
    expect(await storage.all("drafts")).toEqual([draft]);
    await storage.write([{ table: "drafts", key: "d1", value: null }], "safe");
    expect(await storage.all("drafts")).toEqual([]);
  });

  it("is empty after a wipe, and can be used again", async () => {
    const storage = make();
    await storage.write([row("d1", 1)], "safe");
    await storage.wipe();
    expect(await storage.items("d1")).toEqual([]);
    await storage.write([row("d1", 2)], "safe");
    expect(await storage.items("d1")).toHaveLength(1);
  });
});

describe("a database", () => {
  it("does not exist any more after a wipe", async () => {
    const storage = new IndexedDbStorage("kith-wiped");
    await storage.write([row("d1", 1)], "safe");
    await storage.wipe();
    const names = (await indexedDB.databases()).map(({ name }) => name);
    expect(names).not.toContain("kith-wiped");
  });

  it("gives way to whoever needs it in another version", async () => {
    const storage = new IndexedDbStorage("kith-newer");
    await storage.write([row("d1", 1)], "safe");
    const newer = await openDB("kith-newer", 99);
    expect(newer.version).toBe(99);
    newer.close();
  });
});

describe("a saver", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  class Recorder extends MemoryStorage {
    readonly batches: number[] = [];
    full = false;

    override write(writes: Write[]): Promise<void> {
      if (this.full && !writes.every((write) => "drop" in write)) {
        return Promise.reject(Object.assign(new Error("full"), { name: "QuotaExceededError" }));
      }
      this.full = false;
      this.batches.push(writes.length);
      return super.write(writes);
    }
  }

  it("gathers what may wait for a quarter of a second, or a hundred records", async () => {
    const storage = new Recorder();
    const saver = new Saver(storage, () => []);
    for (let seq = 1; seq <= 10; seq += 1) saver.soon(row("d1", seq), row("d1", seq));
    await vi.advanceTimersByTimeAsync(249);
    expect(storage.batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(storage.batches).toEqual([10]);
    for (let seq = 1; seq <= 100; seq += 1) saver.soon(row("d1", seq));
    await vi.advanceTimersByTimeAsync(0);
    expect(storage.batches).toEqual([10, 100]);
  });

  it("writes at once what must be safe", async () => {
    const storage = new Recorder();
    await new Saver(storage, () => []).now(row("d1", 1));
    expect(storage.batches).toEqual([1]);
  });

  it("makes room on a full device, and goes on", async () => {
    const storage = new Recorder();
    const saver = new Saver(storage, () => [{ drop: "d9", keep: null }]);
    await saver.now(row("d9", 1));
    storage.full = true;
    await saver.now(row("d1", 1));
    expect([await storage.items("d9"), (await storage.items("d1")).length]).toEqual([[], 1]);
  });

  it("writes nothing more once everything was wiped", async () => {
    const storage = new Recorder();
    const saver = new Saver(storage, () => []);
    saver.soon(row("d1", 1));
    await saver.close("wipe");
    saver.soon(row("d1", 2));
    await saver.now(row("d1", 3));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await storage.items("d1")).toEqual([]);
  });
});
