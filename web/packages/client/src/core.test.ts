import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { message, Device, settled } from "./testing/device.ts";
import { ANNA, BEN, DIRECT, GROUP, serverWith } from "./testing/fake-server.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("receiving", () => {
  it("folds what changes a message into its row, and applies it once", async () => {
    const device = await Device.signedIn(serverWith(2));
    await device.texts(DIRECT);
    device.server.edits(DIRECT, 1, "better");
    device.server.reacts(DIRECT, 2, "added");
    await settled();
    const { items, last } = await device.core.slice(DIRECT, { end: true }, 60);
    expect(items.map((item) => message(item).text)).toEqual(["better", "m2"]);
    expect(message(items[1]).reactions).toEqual([{ emoji: "👍", count: 1, user_ids: [BEN] }]);
    expect(last).toBe(4);
  });

  it("pulls what is missing before it takes what came after", async () => {
    const device = await Device.signedIn(serverWith(2));
    await device.texts(DIRECT);
    device.server.reacts(DIRECT, 1, "added", "missed");
    device.server.reacts(DIRECT, 1, "removed");
    device.server.writes(DIRECT, "m5");
    await settled();
    const { items } = await device.core.slice(DIRECT, { end: true }, 60);
    expect(items.map((item) => message(item).text)).toEqual(["m1", "m2", "m5"]);
    expect(message(items[0]).reactions).toEqual([]);
  });

  it("goes on hot with what the last connection did not bring", async () => {
    const device = await Device.signedIn(serverWith(1));
    await device.texts(DIRECT);
    device.server.hot = true;
    device.server.writes(DIRECT, "heard");
    await settled();
    device.server.reachable = false;
    device.server.cut();
    device.server.writes(DIRECT, "late");
    device.server.reachable = true;
    await settled(5000);
    const hello = device.server.heard.findLast((frame) => frame.type === "hello");
    expect(hello).toMatchObject({ resume: { ticket: "aa", n: 1 } });
    expect([...device.told(DIRECT).values()].map((item) => message(item).text)).toContain("late");
    expect(device.server.heard.filter((frame) => frame.type === "pull")).toHaveLength(1);
  });

  it("starts cold with what changed since, and says once that it has it", async () => {
    const device = await Device.signedIn(serverWith(3));
    await device.texts(DIRECT);
    device.server.cut();
    device.server.writes(DIRECT, "while away", "missed");
    await settled(5000);
    expect([...device.told(DIRECT).values()].map((item) => message(item).text)).toContain("while away");
    device.server.cut();
    await settled(5000);
    const hellos = device.server.heard.filter((frame) => frame.type === "hello");
    expect(hellos.map((hello) => hello.upos)).toEqual([0, 3, 4]);
  });

  it("begins a cache anew that lacks too much", async () => {
    const device = await Device.signedIn(serverWith(3));
    await device.texts(DIRECT);
    device.server.cut();
    for (let index = 0; index < 900; index += 1) device.server.writes(DIRECT, `n${index}`, "missed");
    await settled(5000);
    expect(device.updates).toContainEqual({ kind: "timeline-reset", conversation_id: DIRECT });
    const slice = await device.core.slice(DIRECT, { end: true }, 60);
    expect([slice.items.length, slice.last, slice.reached_end]).toEqual([60, 903, true]);
  });

  it("finds a conversation that it never heard of by the digest", async () => {
    const device = await Device.signedIn(serverWith(1));
    await device.texts(DIRECT);
    device.server.writes(GROUP, "quiet", "missed");
    await settled(25_000);
    const { conversations } = await device.core.snapshot();
    expect(conversations.map((row) => row.conversation_id)).toContain(GROUP);
  });

  it("notices at once, when it wakes up, that the connection died while it slept", async () => {
    const device = await Device.signedIn(serverWith(1));
    device.server.live?.freeze();
    device.core.wake();
    await settled(6000);
    expect(device.server.sockets).toHaveLength(2);
    device.core.wake();
    await settled(6000);
    expect(device.server.sockets).toHaveLength(2);
  });

  it("takes a server as it is that was set back to a copy of its past", async () => {
    const device = await Device.signedIn(serverWith(30));
    await device.texts(DIRECT);
    device.server.conversation(DIRECT).events.length = 10;
    device.server.upos = device.server.conversation(DIRECT).upos = 10;
    device.server.cut();
    await settled(5000);
    device.server.writes(DIRECT, "after");
    await settled();
    expect((await device.texts(DIRECT)).slice(-2)).toEqual(["m10", "after"]);
    expect((await device.core.snapshot()).conversations[0]).toMatchObject({ head: 11, unread: 11 });
  });

  it("comes back after a drain, not before the server asked for it", async () => {
    const device = await Device.signedIn(serverWith(1));
    device.server.tell({ type: "drain", reconnect_in_ms: 4000 });
    await settled(3900);
    expect(device.server.sockets).toHaveLength(1);
    await settled(2000);
    expect(device.server.sockets).toHaveLength(2);
    expect((await device.core.snapshot()).connection).toBe("online");
  });
});

describe("slices", () => {
  it("are served from the cache, and pulled where they are not in it", async () => {
    const device = await Device.signedIn(serverWith(500));
    const pulls = () => device.server.heard.filter((frame) => frame.type === "pull").length;
    const end = await device.core.slice(DIRECT, { end: true }, 60);
    expect([end.first, end.last, end.reached_start, end.reached_end]).toEqual([441, 500, false, true]);
    expect(pulls()).toBe(1);
    const before = await device.core.slice(DIRECT, { before: end.first }, 60);
    expect([before.first, before.last, before.items.length]).toEqual([381, 440, 60]);
    await device.core.slice(DIRECT, { before: 500 }, 60);
    await device.core.slice(DIRECT, { around: 470 }, 40);
    expect(pulls()).toBe(2);
    const after = await device.core.slice(DIRECT, { after: before.last }, 60);
    expect([after.first, after.last, after.reached_end]).toEqual([441, 500, true]);
    expect(pulls()).toBe(2);
  });

  it("reach the start, and say so", async () => {
    const device = await Device.signedIn(serverWith(70));
    const end = await device.core.slice(DIRECT, { end: true }, 60);
    const start = await device.core.slice(DIRECT, { before: end.first }, 60);
    expect([start.first, start.items.length, start.reached_start]).toEqual([1, 10, true]);
  });

  it("go on over events that show nothing until there are enough rows", async () => {
    const server = serverWith(60);
    for (let index = 0; index < 300; index += 1) server.reacts(DIRECT, 60, index % 2 ? "removed" : "added", "missed");
    const device = await Device.signedIn(server);
    const end = await device.core.slice(DIRECT, { end: true }, 60);
    expect([end.items.length, end.first, end.last]).toEqual([60, 1, 360]);
  });

  it("do not say of whoever founded a group that they joined it", async () => {
    const server = serverWith(0);
    const [sent_at, change] = [server.now(), "added"] as const;
    server.happens(GROUP, { kind: "settings", sender_id: BEN, name: "Hiking", sent_at }, "missed");
    for (const user_id of [BEN, ANNA]) {
      server.happens(GROUP, { kind: "member", sender_id: BEN, user_id, change, sent_at }, "missed");
    }
    const device = await Device.signedIn(server);
    const { items } = await device.core.slice(GROUP, { end: true }, 60);
    expect(items.map((item) => item.seq)).toEqual([1, 3]);
  });

  it("end where the history of this reader begins", async () => {
    const server = serverWith(100);
    server.conversation(DIRECT).visible_from = 81;
    const device = await Device.signedIn(server);
    const end = await device.core.slice(DIRECT, { end: true }, 60);
    expect([end.items.length, end.reached_start, end.reached_end]).toEqual([20, true, true]);
  });

  it("open at the first unread message, with some that were read before it", async () => {
    const server = serverWith(200);
    server.conversation(DIRECT).read_seq = 150;
    const device = await Device.signedIn(server);
    const slice = await device.core.slice(DIRECT, { unread: true }, 60);
    expect([slice.first, slice.last, slice.read_seq]).toEqual([131, 190, 150]);
  });

  it("are painted from the cache without a connection, after a start anew", async () => {
    const device = await Device.signedIn(serverWith(100));
    await device.texts(DIRECT);
    await settled();
    device.server.reachable = false;
    await device.crash();
    const { me, conversations } = await device.core.snapshot();
    expect([me?.name, conversations.length]).toEqual(["Somebody", 1]);
    const slice = await device.core.slice(DIRECT, { end: true }, 60);
    expect([slice.first, slice.last, slice.reached_end]).toEqual([41, 100, true]);
    await expect(device.core.slice(GROUP, { end: true }, 60)).rejects.toMatchObject({
      code: "offline",
    });
  });
});

describe("the list", () => {
  it("shows the row before what is none", async () => {
    const server = serverWith(3);
    server.reacts(DIRECT, 2, "added", "missed");
    const device = await Device.signedIn(server);
    const [row] = (await device.core.snapshot()).conversations;
    expect(row?.last_item?.seq).toBe(3);
  });

  it("forgets a conversation that changed and is not the user's any more", async () => {
    const device = await Device.signedIn(serverWith(2));
    device.server.writes(GROUP, "hidden", "missed");
    device.server.conversation(GROUP).left = true;
    device.server.cut();
    await settled(5000);
    expect((await device.core.snapshot()).conversations.map((row) => row.conversation_id)).toEqual([DIRECT]);
    const before = device.server.heard.length;
    await settled(60_000);
    expect(device.server.heard.slice(before).filter((frame) => frame.type === "heads")).toEqual([]);
  });

  it("counts what arrives, and not what the user has written", async () => {
    const device = await Device.signedIn(serverWith(2));
    device.server.writes(DIRECT, "m3");
    await settled();
    const unread = async () => (await device.core.snapshot()).conversations[0]?.unread;
    expect(await unread()).toBe(3);
    await device.core.send(DIRECT, "mine", null);
    await settled();
    expect(await unread()).toBe(0);
  });
});

describe("positions", () => {
  it("count as read at once, and are told again until the server knows", async () => {
    const device = await Device.signedIn(serverWith(5));
    await device.texts(DIRECT);
    device.server.reachable = false;
    device.server.cut();
    await device.core.read(DIRECT, 5);
    const unread = async () => (await device.core.snapshot()).conversations[0]?.unread;
    expect(await unread()).toBe(0);
    await settled(1000);
    await device.crash();
    expect(await unread()).toBe(0);
    device.server.reachable = true;
    await settled(60_000);
    expect(device.server.conversation(DIRECT).read_seq).toBe(5);
    expect(await unread()).toBe(0);
  });

  it("are not told for every message that is read", async () => {
    const device = await Device.signedIn(serverWith(50));
    for (let seq = 1; seq <= 50; seq += 1) await device.core.read(DIRECT, seq);
    await settled();
    expect(device.server.heard.filter((frame) => frame.type === "read")).toEqual([
      { type: "read", conversation_id: DIRECT, seq: 50 },
    ]);
  });

  it("tell once a second that messages of others have arrived", async () => {
    const device = await Device.signedIn(serverWith(1));
    for (let index = 0; index < 10; index += 1) device.server.writes(DIRECT, "x");
    await settled();
    const delivered = device.server.heard.filter((frame) => frame.type === "delivered");
    const told = [1, 11].map((seq) => ({ type: "delivered", conversation_id: DIRECT, seq }));
    expect(delivered).toEqual(told);
  });

  it("tell that somebody writes at most every three seconds", async () => {
    const device = await Device.signedIn(serverWith(1));
    for (let tick = 0; tick < 7; tick += 1) {
      await device.core.typing(DIRECT);
      await settled(1000);
    }
    expect(device.server.heard.filter((frame) => frame.type === "typing")).toHaveLength(3);
  });
});

describe("the session", () => {
  it("leaves nothing behind when it is revoked", async () => {
    const device = await Device.signedIn(serverWith(3));
    await device.texts(DIRECT);
    await device.core.setDraft(DIRECT, "half a thought");
    device.server.tell({ type: "revoked", reason: "ended" });
    await settled();
    expect(device.updates.at(-1)).toEqual({ kind: "signed-out", reason: "ended" });
    for (const table of ["state", "rows", "items", "drafts", "outbox"] as const) {
      expect(await device.storage.all(table)).toEqual([]);
    }
    expect((await device.core.snapshot()).connection).toBe("signed-out");
  });

  it("is renewed where the token is not good any more, and over where it cannot be", async () => {
    const device = await Device.signedIn(serverWith(1));
    device.server.cut(4001);
    await settled(5000);
    expect((await device.core.snapshot()).connection).toBe("online");
    device.server.signedIn = false;
    device.server.cut(4001);
    await settled(5000);
    expect(device.updates.at(-1)).toEqual({ kind: "signed-out", reason: null });
  });

  it("goes on from the browser's cookie where nothing else is left", async () => {
    const device = new Device(serverWith(1));
    await settled();
    expect((await device.core.snapshot()).connection).toBe("online");
  });

  it("does not go on from a cookie that should be gone", async () => {
    const device = await Device.signedIn(serverWith(1));
    device.server.reachable = false;
    await device.core.signOut();
    device.server.reachable = true;
    await device.crash();
    expect((await device.core.snapshot()).me).toBeNull();
    expect(device.server.requests.at(-1)).toBe("POST http://kith.test/logout");
  });

  it("changes preferences again where another device was faster", async () => {
    const device = await Device.signedIn();
    device.server.preferences = { ...device.server.preferences, version: 7, language: "de" };
    await device.core.setPreferences({ theme: "dark" });
    expect(device.server.preferences).toMatchObject({
      version: 8,
      theme: "dark",
      language: "de",
    });
  });

  it("keeps a choice that it cannot send, and sends it with the next connection", async () => {
    const device = await Device.signedIn();
    device.server.reachable = false;
    device.server.cut();
    await device.core.setPreferences({ theme: "dark" });
    expect(device.updates.at(-1)).toMatchObject({ kind: "preferences", preferences: { theme: "dark" } });
    device.server.reachable = true;
    await settled(60_000);
    expect(device.server.preferences).toMatchObject({ theme: "dark" });
  });

  it("does not lose a choice when the program ends before the server has it", async () => {
    const device = await Device.signedIn();
    device.server.reachable = false;
    device.server.cut();
    await device.core.setPreferences({ theme: "dark" });
    device.server.reachable = true;
    device.server.preferences = { ...device.server.preferences, version: 7, theme: "light", language: "de" };
    await device.crash();
    expect((await device.core.snapshot()).preferences).toMatchObject({ theme: "dark", language: "de" });
    expect(device.server.preferences).toMatchObject({ version: 8, theme: "dark", language: "de" });
  });

  it("makes a choice safe before it sends it", async () => {
    const device = await Device.signedIn();
    let written: () => void = () => undefined;
    const write = vi.spyOn(device.storage, "write");
    write.mockImplementationOnce(() => new Promise((resolve) => (written = resolve)));
    const chosen = device.core.setPreferences({ theme: "dark" });
    await settled();
    expect(write.mock.calls[0]).toMatchObject([[{ table: "state", value: { chosen: { theme: "dark" } } }], "safe"]);
    expect(device.server.requests.at(-1)).not.toContain("PUT");
    written();
    await chosen;
    expect(device.server.preferences).toMatchObject({ theme: "dark" });
  });

  it("takes a choice back that the server refuses", async () => {
    const device = await Device.signedIn();
    device.server.refuses = "PUT /preferences";
    await expect(device.core.setPreferences({ theme: "dark" })).rejects.toMatchObject({ status: 422 });
    expect((await device.core.snapshot()).preferences).toMatchObject({ theme: "system" });
    expect(device.updates.at(-1)).toMatchObject({ kind: "preferences", preferences: { theme: "system" } });
  });
});
