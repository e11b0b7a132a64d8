/** The network between one browser and the server: it can be cut, and what the server says can be held back or lost. */

import { once } from "node:events";
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

import { FrameReader } from "./frames";

type Downstream = "flows" | "held" | "lost";

export class Wire {
  #server: Server | undefined;
  #pairs = new Set<{ browser: Socket; server: Socket; held: Buffer[] }>();
  #downstream: Downstream = "flows";
  #port = 0;
  #replaced = new Map<string, string>();
  /** The frames that the browser has said over its socket. */
  readonly said: { type: string }[] = [];

  private constructor(readonly serverPort: () => number) {}

  static async lay(serverPort: () => number): Promise<Wire> {
    const wire = new Wire(serverPort);
    await wire.restore();
    return wire;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Ends all connections and takes no new ones. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const pair of this.#pairs) {
      pair.browser.destroy();
      pair.server.destroy();
    }
    this.#downstream = "flows";
    if (server === undefined) return;
    const closed = once(server, "close");
    server.close();
    await closed;
  }

  /** Takes connections again, at the same address. */
  async restore(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((browser) => {
      this.#join(browser);
    });
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** What the server says waits until `release`. What the browser says goes through. */
  hold(): void {
    this.#downstream = "held";
  }

  release(): void {
    this.#downstream = "flows";
    for (const pair of this.#pairs) for (const bytes of pair.held.splice(0)) pair.browser.write(bytes);
  }

  /** What the server says is thrown away; `cut` and `restore` then give new connections. */
  lose(): void {
    this.#downstream = "lost";
  }

  /** From now on this script is what the browser gets, as from a server with another version. */
  replace(path: string, script: string): void {
    this.#replaced.set(path, script);
  }

  #join(browser: Socket): void {
    const server = connect(this.serverPort(), "127.0.0.1");
    const pair = { browser, server, held: [] as Buffer[] };
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      browser.destroy();
      server.destroy();
    };
    for (const socket of [browser, server]) {
      socket.setNoDelay(true);
      socket.on("error", end);
      socket.on("close", end);
    }
    let frames: FrameReader | null = null;
    browser.on("data", (bytes) => {
      const asked = /^GET (\S+) HTTP[^]*?\r\n\r\n/.exec(bytes.toString("latin1"));
      const script = this.#replaced.get(asked?.[1] ?? "");
      if (script !== undefined) {
        browser.end(answerOf(script));
        return;
      }
      server.write(bytes);
      if (frames !== null) for (const text of frames.read(bytes)) this.said.push(JSON.parse(text) as { type: string });
      else if (asked !== null && /^upgrade: websocket/im.test(asked[0])) frames = new FrameReader();
    });
    server.on("data", (bytes) => {
      if (this.#downstream === "held") pair.held.push(bytes);
      else if (this.#downstream === "flows") browser.write(bytes);
    });
  }
}

function answerOf(script: string): string {
  const length = Buffer.byteLength(script);
  const head = ["HTTP/1.1 200 OK", "Content-Type: text/javascript", `Content-Length: ${length}`, "Connection: close"];
  return `${head.join("\r\n")}\r\n\r\n${script}`;
}
