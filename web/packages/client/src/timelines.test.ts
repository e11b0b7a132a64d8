import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Device, message, settled } from "./testing/device.ts";
import { ANNA, DIRECT, FakeServer } from "./testing/fake-server.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const group = (index: number) => `g${String(index).padStart(26, "0")}`;

function serverOf(conversations: number, messages: number): FakeServer {
  const server = new FakeServer();
  for (let index = 0; index < conversations; index += 1) {
    for (let seq = 1; seq <= messages; seq += 1) server.writes(group(index), `m${seq}`, "missed");
  }
  return server;
}

describe("the cache", () => {
  it("keeps the conversations that were used last, and not without end", async () => {
    const device = await Device.signedIn(serverOf(40, 3));
    for (let index = 0; index < 40; index += 1) {
      await device.core.slice(group(index), { end: true }, 60);
      await settled(10);
    }
    await settled(30_000);
    const kept = await device.storage.all("logs");
    const covered = kept.filter((log) => log.covered.length > 0).map((log) => log.conversation_id);
    expect(covered.sort()).toEqual(Array.from({ length: 30 }, (_, index) => group(index + 10)));
    expect(await device.storage.items(group(0))).toEqual([]);
    expect(await device.storage.items(group(39))).toHaveLength(3);
  });

  it("keeps so many rows of one that is not open any more, the ones that were shown last", async () => {
    const device = await Device.signedIn(serverOf(6, 1000));
    await device.core.slice(group(0), { end: true }, 200);
    for (const before of [801, 601, 401]) await device.core.slice(group(0), { before }, 200);
    for (let index = 1; index < 6; index += 1) {
      await settled(10);
      await device.core.slice(group(index), { end: true }, 60);
    }
    await settled(30_000);
    const seqs = (await device.storage.items(group(0))).map((item) => item.seq ?? 0);
    expect(seqs).toHaveLength(400);
    expect([Math.min(...seqs) <= 201, Math.max(...seqs) >= 400]).toEqual([true, true]);
    const again = await device.core.slice(group(0), { end: true }, 60);
    expect([again.items.length, again.last, again.reached_end]).toEqual([60, 1000, true]);
  });

  it("is served after a start anew as it was, with what changed meanwhile", async () => {
    const server = new FakeServer();
    for (let seq = 1; seq <= 5; seq += 1) server.writes(DIRECT, `m${seq}`, "missed");
    const device = await Device.signedIn(server);
    await device.texts(DIRECT);
    await settled();
    server.edits(DIRECT, 2, "edited", "missed");
    await device.crash();
    expect(await device.texts(DIRECT)).toEqual(["m1", "edited", "m3", "m4", "m5"]);
    const pulls = server.heard.flatMap((frame) => (frame.type === "pull" ? frame.after : []));
    expect(pulls.at(-1)).toBe(5);
  });

  it("keeps a reaction of one's own, which was shown before the server told of it", async () => {
    const server = serverOf(1, 1);
    const device = await Device.signedIn(server);
    await device.texts(group(0));
    await device.core.react(`${group(0)}-1`, "👍", "added");
    server.reacts(group(0), 1, "added", "told", ANNA);
    await settled();
    await device.crash();
    const { items } = await device.core.slice(group(0), { end: true }, 60);
    expect(message(items[0]).reactions).toEqual([{ emoji: "👍", count: 1, user_ids: [ANNA] }]);
  });
});
