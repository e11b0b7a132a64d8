/** The real binary, on a port of its own, with a folder that is thrown away. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const BINARY = process.env["KITH_BINARY"] ?? new URL("../../../target/debug/kith", import.meta.url).pathname;
const SEED = process.env["KITH_SEED"] ?? new URL("../../../target/debug/examples/seed", import.meta.url).pathname;

export class Kith {
  #process: ChildProcess | undefined;
  #said: string[] = [];
  /** Stays the same over restarts. */
  port = 0;

  private constructor(readonly folder: string) {}

  /** A folder with nobody in it, or with what `story` tells; not running yet. */
  static async prepare(story?: unknown): Promise<Kith> {
    const folder = await mkdtemp(join(tmpdir(), "kith-browser-"));
    const kith = new Kith(folder);
    if (story !== undefined) await kith.#seed(story);
    return kith;
  }

  static async start(story?: unknown): Promise<Kith> {
    const kith = await Kith.prepare(story);
    await kith.start();
    return kith;
  }

  get data(): string {
    return join(this.folder, "data");
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async #seed(story: unknown): Promise<void> {
    const seed = spawn(SEED, [this.data], { stdio: ["pipe", "ignore", "pipe"] });
    let errors = "";
    seed.stderr.on("data", (bytes: Buffer) => (errors += bytes.toString()));
    seed.stdin.end(JSON.stringify(story));
    const [code] = (await once(seed, "exit")) as [number | null];
    if (code !== 0) throw new Error(`the story could not be told: ${errors}`);
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const child = spawn(BINARY, ["serve", "--data", this.data, "--listen", `127.0.0.1:${this.port}`], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, KITH_LIMITS_RATES: "false", KITH_LOG_LEVEL: "warn" },
    });
    this.#process = child;
    child.stderr.on("data", (bytes: Buffer) => this.#said.push(bytes.toString()));
    for await (const line of createInterface({ input: child.stdout })) {
      const listening = /^Listening on 127\.0\.0\.1:(\d+)/.exec(line);
      if (listening?.[1] === undefined) continue;
      this.port = Number(listening[1]);
      return;
    }
    throw new Error(`kith did not start: ${this.#said.join("")}`);
  }

  /** Asks it to stop, as an operator does. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Gives it no time for anything. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** The value of a metric without labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const line = text.split("\n").find((line) => line.startsWith(`${name} `));
    return Number(line?.split(" ")[1]);
  }

  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
