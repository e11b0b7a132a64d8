/**
 * The core against a real server: with `KITH_BINARY=…/kith`, and on Node 20 with
 * `NODE_OPTIONS=--experimental-websocket`. With `KITH_RECORD=1` the frames are kept as a fixture.
 */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { Bot } from "./bot.ts";
import type { BotMessage } from "./bot.ts";
import type { MessageItem, Update } from "./core-api.ts";
import { Core } from "./core.ts";
import { MemoryStorage } from "./storage.ts";
import { Recorder } from "./testing/recorder.ts";
import { message, text } from "./testing/device.ts";

const BINARY = process.env["KITH_BINARY"];
const PASSWORD = "a long sentence is fine";
const WITHIN_MS = 10_000;
/** A test waits for several things, each of which may take so long. */
const TEST_WITHIN_MS = 60_000;

/** A server of its own, which may be killed and started again. */
class RealServer {
  readonly #data = mkdtempSync(join(tmpdir(), "kith-client-"));
  #process: ChildProcess | null = null;
  base = "";

  async start(): Promise<void> {
    const port = this.base === "" ? await freePort() : Number(new URL(this.base).port);
    this.base = `http://127.0.0.1:${port}`;
    const flags = ["serve", "--data", this.#data, "--listen", `127.0.0.1:${port}`];
    this.#process = spawn(BINARY ?? "", flags, { stdio: "ignore" });
    await until(async () => (await fetch(`${this.base}/healthz`).catch(() => null))?.ok === true);
  }

  async kill(): Promise<void> {
    const process = this.#process;
    if (process === null) return;
    await new Promise((resolve) => {
      process.once("exit", resolve);
      process.kill("SIGKILL");
    });
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end_ms = Date.now() + WITHIN_MS;
  while (!(await isSo())) {
    if (Date.now() > end_ms) throw new Error(`not within ${WITHIN_MS} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

class Person {
  readonly updates: Update[] = [];
  readonly core: Core;
  user_id = "";
  email = "";

  constructor(base: string, socket: typeof WebSocket = WebSocket) {
    this.core = new Core({ base, storage: new MemoryStorage(), socket, cookie: false });
    this.core.subscribe((update) => this.updates.push(update));
  }

  static async signUp(base: string, socket?: typeof WebSocket): Promise<Person> {
    const person = new Person(base, socket);
    const email = `${randomUUID()}@example.org`;
    const me = await person.core.signUp({ email, password: PASSWORD, name: "Anna", device: "test" });
    person.user_id = me.user_id;
    person.email = email;
    await until(async () => (await person.core.snapshot()).connection === "online");
    return person;
  }

  async shows(conversation: string): Promise<(string | null)[]> {
    return (await this.core.slice(conversation, { end: true }, 200)).items.map(text);
  }

  async row(conversation_id: string) {
    const { conversations } = await this.core.snapshot();
    return conversations.find((row) => row.conversation_id === conversation_id);
  }

  async messages(conversation: string): Promise<MessageItem[]> {
    const { items } = await this.core.slice(conversation, { end: true }, 200);
    return items.filter((item) => item.kind === "message").map(message);
  }

  async showsSoon(conversation: string, texts: (string | null)[]): Promise<void> {
    await until(async () => JSON.stringify(await this.shows(conversation)) === JSON.stringify(texts));
  }
}

/** Two people say hello, and one of them goes on to change, delete and react. */
async function talk(anna: Person, ben: Person): Promise<string> {
  await anna.core.send(ben.user_id, "Hello", null);
  await until(async () => (await ben.core.snapshot()).conversations.length === 1);
  const direct = (await ben.core.snapshot()).conversations[0]?.conversation_id ?? "";
  await ben.showsSoon(direct, ["Hello"]);
  const [hello] = await ben.messages(direct);
  await ben.core.send(direct, "Hi", hello?.message_id ?? null);
  await ben.core.react(hello?.message_id ?? "", "👍", "added");
  await anna.showsSoon(direct, ["Hello", "Hi"]);
  await anna.core.edit(hello?.message_id ?? "", "Hello!");
  await ben.showsSoon(direct, ["Hello!", "Hi"]);
  const [, hi] = await ben.messages(direct);
  await ben.core.remove(hi?.message_id ?? "");
  await anna.showsSoon(direct, ["Hello!", null]);
  return direct;
}

/** A group, from its beginning until one of the two is not in it any more. */
async function hike(anna: Person, ben: Person): Promise<string> {
  const form = { name: "Hiking", participants: [ben.user_id], history_for_new_members: "all" } as const;
  const group = await anna.core.createGroup({ ...form, participants: [...form.participants] });
  await until(async () => (await ben.row(group)) !== undefined);
  await ben.core.send(group, "Where to?", null);
  await until(async () => (await anna.shows(group)).at(-1) === "Where to?");
  await anna.core.updateGroup(group, { name: "Climbing" });
  await until(async () => (await ben.row(group))?.name === "Climbing");
  await anna.core.removeMember(group, ben.user_id);
  await until(async () => (await ben.row(group)) === undefined);
  await until(async () => (await anna.shows(group)).at(-1) === "member");
  return group;
}

describe.runIf(BINARY !== undefined)("with a real server", { timeout: TEST_WITHIN_MS }, () => {
  const server = new RealServer();
  const people: Person[] = [];

  beforeAll(() => server.start(), TEST_WITHIN_MS);
  afterEach(() => Promise.all(people.splice(0).map((person) => person.core.close())));
  afterAll(() => server.end());

  /** Every test has people of its own. */
  async function somebody(socket?: typeof WebSocket): Promise<Person> {
    const person = await Person.signUp(server.base, socket);
    people.push(person);
    return person;
  }

  it("two people talk, change what they said, and see it the same", async () => {
    const [anna, ben] = [await somebody(), await somebody()];
    const direct = await talk(anna, ben);
    const [seen] = await anna.messages(direct);
    expect(seen?.reactions).toEqual([{ emoji: "👍", count: 1, user_ids: [ben.user_id] }]);
    expect(seen?.edited_at).not.toBeNull();
  });

  it("what is read is unread nowhere, and the other one sees it", async () => {
    const [anna, ben] = [await somebody(), await somebody()];
    const direct = await talk(anna, ben);
    await anna.core.send(direct, "Are you there?", null);
    await until(async () => ((await ben.row(direct))?.unread ?? 0) > 0);
    const head = (await ben.row(direct))?.head ?? 0;
    await ben.core.read(direct, head);
    expect((await ben.row(direct))?.unread).toBe(0);
    await until(() => anna.updates.some((update) => update.kind === "cursor" && update.read_seq === head));
  });

  it("a group tells who came and what it is called", async () => {
    const [anna, ben] = [await somebody(), await somebody()];
    const group = await hike(anna, ben);
    expect((await anna.shows(group)).slice(-3)).toEqual(["Where to?", "settings", "member"]);
  });

  it("nothing is lost and nothing doubled when the server is killed", async () => {
    const [anna, ben] = [await somebody(), await somebody()];
    const direct = await talk(anna, ben);
    const before = await anna.shows(direct);
    await server.kill();
    const texts = Array.from({ length: 20 }, (_, index) => `while down ${index}`);
    for (const each of texts) await anna.core.send(direct, each, null);
    await server.start();
    anna.core.wake();
    ben.core.wake();
    await anna.showsSoon(direct, [...before, ...texts]);
    await ben.showsSoon(direct, [...before, ...texts]);
    await until(async () => (await anna.core.outboxCount()) === 0);
  });

  it("the first message to a person makes the conversation", async () => {
    const [ben, cleo] = [await somebody(), await somebody()];
    expect(await cleo.shows(ben.user_id)).toEqual([]);
    await cleo.core.send(ben.user_id, "Nice to meet you", null);
    const created = () => cleo.updates.find((update) => update.kind === "conversation-created");
    await until(() => created() !== undefined);
    await until(async () => (await cleo.row(created()?.conversation_id ?? "")) !== undefined);
    const [first] = await cleo.messages(created()?.conversation_id ?? "");
    expect(first).toMatchObject({ text: "Nice to meet you", state: "sent" });
  });

  it("a new device of the same person sees the same", async () => {
    const [live, cold] = [new Recorder(), new Recorder()];
    const [anna, ben] = [await somebody(live.socket()), await somebody()];
    await talk(anna, ben);
    await hike(anna, ben);
    const other = new Person(server.base, cold.socket());
    people.push(other);
    await other.core.signIn({ username: anna.email, password: PASSWORD, device: "other" });
    await until(async () => (await other.core.snapshot()).conversations.length === 2);
    for (const { conversation_id } of (await anna.core.snapshot()).conversations) {
      const [one, two] = [anna, other].map((person) => person.core.slice(conversation_id, { end: true }, 200));
      expect((await two)?.items).toEqual((await one)?.items);
    }
    if (process.env["KITH_RECORD"] !== undefined) {
      const recorded = { user_id: anna.user_id, live: live.heard, cold: cold.heard };
      writeFileSync(join(import.meta.dirname, "testing/recorded.json"), `${JSON.stringify(recorded, null, 1)}\n`);
    }
  });

  it("a bot hears every message once, in order, and answers", async () => {
    const anna = await somebody();
    const bot = new Bot({ base: server.base, username: "echo@example.org", password: PASSWORD });
    await bot.rest.call("post", "/register", {
      anonymous: true,
      body: { email: "echo@example.org", name: "Echo", password: PASSWORD },
    });
    const heard: string[] = [];
    bot.onMessage = (message: BotMessage) => {
      heard.push(message.text ?? "");
      const { message_id: reply_to } = message;
      void bot.send(message.conversation_id, `You said: ${message.text ?? ""}`, { reply_to });
    };
    await bot.start();
    const texts = Array.from({ length: 40 }, (_, index) => String(index));
    for (const each of texts) await anna.core.send(bot.user_id, each, null);
    await until(() => heard.length === 40);
    expect(heard).toEqual(texts);
    await until(async () => (await anna.messages(bot.user_id)).length === 80);
    bot.stop();
  });
});
