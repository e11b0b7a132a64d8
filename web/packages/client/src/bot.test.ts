import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Bot } from "./bot.ts";
import type { BotPlace } from "./bot.ts";
import { settled } from "./testing/device.ts";
import { DIRECT, FakeServer, FakeSocket, GROUP, serverWith } from "./testing/fake-server.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function started(server: FakeServer, place?: BotPlace): Promise<{ bot: Bot; heard: string[] }> {
  vi.stubGlobal("fetch", server.fetch);
  const socket = class extends FakeSocket {
    constructor() {
      super(server, () => true);
    }
  };
  const account = { base: "http://kith.test", username: "echo", password: "p" };
  const bot = new Bot({ ...account, socket, ...(place && { place }) });
  const heard: string[] = [];
  bot.onMessage = (message) => heard.push(`${message.conversation_id.charAt(0)} ${message.text ?? ""}`);
  await bot.start();
  await settled();
  return { bot, heard };
}

describe("a bot", () => {
  it("hears what is written from now on, where it was never before", async () => {
    const server = serverWith(3);
    const { heard } = await started(server);
    server.writes(DIRECT, "new");
    server.writes(GROUP, "first");
    await settled();
    expect(heard).toEqual(["d new", "g first"]);
  });

  it("goes on where the run before ended", async () => {
    const server = serverWith(3);
    const { bot } = await started(server);
    server.writes(DIRECT, "heard");
    await settled();
    bot.stop();
    server.writes(DIRECT, "meanwhile", "missed");
    const { heard } = await started(server, bot.place);
    expect(heard).toEqual(["d meanwhile"]);
  });

  it("hears everything once and in order over gaps and lost connections", async () => {
    const server = serverWith(1);
    const { bot, heard } = await started(server);
    server.writes(DIRECT, "1", "missed");
    server.writes(DIRECT, "2");
    await settled();
    server.cut();
    for (const text of ["3", "4", "5"]) server.writes(DIRECT, text, "missed");
    await settled(5000);
    server.writes(DIRECT, "6");
    await settled();
    expect(heard).toEqual(["1", "2", "3", "4", "5", "6"].map((text) => `d ${text}`));
    expect(bot.place.have[DIRECT]).toBe(7);
  });

  it("does not hear itself, and knows when its words are in their place", async () => {
    const server = serverWith(1);
    const { bot, heard } = await started(server);
    server.sendFaults = ["lose-ack"];
    const sent = bot.send(DIRECT, "Hello");
    server.cut();
    await settled(10_000);
    expect(await sent).toMatchObject({ seq: 2, dup: true });
    server.sendFaults = [{ problem: "not-accepted", final: true }];
    await expect(bot.send(DIRECT, "Hello?")).rejects.toMatchObject({ code: "not-accepted" });
    expect(heard).toEqual([]);
  });

  it("still hears the next message where it stumbled over one", async () => {
    const server = serverWith(1);
    const { bot, heard } = await started(server);
    const errors: unknown[] = [];
    bot.onError = (error) => errors.push(error);
    bot.onMessage = (message) => {
      if (message.text === "bad") throw new Error("stumbled");
      heard.push(message.text ?? "");
    };
    server.writes(DIRECT, "bad");
    server.writes(DIRECT, "good");
    await settled();
    expect([heard, errors.length]).toEqual([["good"], 1]);
  });
});
