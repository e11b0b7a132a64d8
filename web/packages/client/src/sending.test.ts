import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Device, message, settled } from "./testing/device.ts";
import { BEN, DIRECT, serverWith } from "./testing/fake-server.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("sending", () => {
  it("shows a message before it is safe, and gives it its place under the same key", async () => {
    const device = await Device.signedIn(serverWith(1));
    const sending = device.core.send(DIRECT, "Hello", null);
    await vi.advanceTimersByTimeAsync(0);
    const { client_message_id } = await sending;
    await settled();
    const shown = device.updates.flatMap((update) => (update.kind === "timeline" ? update.items : []));
    const own = shown.filter((item) => item.key === client_message_id).map(message);
    expect(own.map(({ state, seq }) => [state, seq])).toEqual([
      ["sending", null],
      ["sent", 2],
    ]);
    expect(await device.texts(DIRECT)).toEqual(["m1", "Hello"]);
  });

  it("sends again under the same name when the answer is lost, and shows the message once", async () => {
    const device = await Device.signedIn(serverWith(1));
    device.server.sendFaults = ["lose-ack"];
    await device.core.send(DIRECT, "Hello", null);
    device.server.cut();
    await settled(10_000);
    expect(new Set(device.server.sent().map((send) => send.client_message_id)).size).toBe(1);
    expect(device.server.sent()).toHaveLength(2);
    expect(await device.texts(DIRECT)).toEqual(["m1", "Hello"]);
    expect(await device.core.outboxCount()).toBe(0);
  });

  it("gives a connection up on which a send has no answer for long", async () => {
    const device = await Device.signedIn(serverWith(1));
    device.server.sendFaults = ["swallow"];
    await device.core.send(DIRECT, "Hello", null);
    await settled(90_000);
    expect(await device.texts(DIRECT)).toEqual(["m1", "Hello"]);
  });

  it("keeps what is sent without a connection over a crash, and sends it in order and once", async () => {
    const device = await Device.signedIn(serverWith(1));
    device.server.reachable = false;
    device.server.cut();
    for (const text of ["1", "2", "3", "4", "5"]) await device.core.send(DIRECT, text, null);
    await device.crash();
    const waiting = await device.core.slice(DIRECT, { end: true }, 60).catch(() => null);
    expect(waiting?.items.map((item) => message(item).state).at(-1) ?? "queued").toBe("queued");
    device.server.reachable = true;
    await settled(60_000);
    expect(await device.texts(DIRECT)).toEqual(["m1", "1", "2", "3", "4", "5"]);
    expect(device.server.conversation(DIRECT).events).toHaveLength(6);
  });

  it.each(["close", "error", "error and close"] as const)(
    "tries soon again when a refusal is told as %s",
    async (refusal) => {
      const device = await Device.signedIn(serverWith(1));
      Object.assign(device.server, { reachable: false, refusal });
      device.server.cut();
      const tries_before = device.server.sockets.length;
      await settled(5000);
      // With a random half of 1, 2, 4 … seconds.
      expect(device.server.sockets.length - tries_before).toBe(3);
      await device.core.send(DIRECT, "Hello", null);
      device.server.reachable = true;
      await settled(5000);
      expect(await device.texts(DIRECT)).toEqual(["m1", "Hello"]);
    },
  );

  it("waits as long as the server says, and holds back what stands behind", async () => {
    const device = await Device.signedIn(serverWith(1));
    const busy = { problem: "overloaded", final: false, retry_after_ms: 5000 };
    device.server.sendFaults = [busy];
    await device.core.send(DIRECT, "first", null);
    await vi.advanceTimersByTimeAsync(10);
    await device.core.send(DIRECT, "second", null);
    await settled(4000);
    expect(device.server.sent().map((send) => send.text)).toEqual(["first"]);
    await settled(2000);
    expect(await device.texts(DIRECT)).toEqual(["m1", "first", "second"]);
  });

  it("shows a final refusal, and tries again under the same name", async () => {
    const device = await Device.signedIn(serverWith(1));
    device.server.sendFaults = [{ problem: "not-accepted", final: true }];
    const { client_message_id } = await device.core.send(DIRECT, "Hello", null);
    await settled();
    const failed = message(device.told(DIRECT).get(client_message_id));
    expect([failed.state, failed.problem]).toEqual(["failed", "not-accepted"]);
    await device.core.retry(client_message_id);
    await settled();
    expect(device.server.sent().map((send) => send.client_message_id)).toEqual([client_message_id, client_message_id]);
    expect(message(device.told(DIRECT).get(client_message_id)).state).toBe("sent");
  });

  it("finds the conversation of a person by the first message", async () => {
    const device = await Device.signedIn();
    expect((await device.core.slice(BEN, { end: true }, 60)).items).toEqual([]);
    await device.core.send(BEN, "Hello", null);
    await settled();
    expect(device.updates).toContainEqual({
      kind: "conversation-created",
      receiver_id: BEN,
      conversation_id: DIRECT,
    });
    expect(await device.texts(BEN)).toEqual(["Hello"]);
  });

  it("has at most 32 messages without an answer", async () => {
    const device = await Device.signedIn(serverWith(1));
    device.server.sendFaults = Array.from({ length: 40 }, () => "swallow" as const);
    await Promise.all(Array.from({ length: 40 }, (_, index) => device.core.send(DIRECT, String(index), null)));
    expect(device.server.sent()).toHaveLength(32);
  });
});
