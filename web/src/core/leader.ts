/**
 * One core for a whole browser, whichever worker hosts it.
 *
 * The worker that holds the lock hosts the core; every other one passes on what its tabs ask, over a channel. There is
 * more than one where a browser cannot share workers, and while tabs of two versions are open. When the holder dies,
 * the lock passes to the next, which asks again what had no answer. Nothing is lost: the outbox is in the database.
 */

import type { Update } from "@kith/client";

import type { Answer, Call, FromTab, ToTab } from "./port";

const LOCK = "kith-core";
const CHANNEL = "kith-core";

/** A tab, or what stands for one: a shared worker's port, or a dedicated worker's own scope. */
export interface Port {
  postMessage(message: ToTab): void;
  onmessage: ((event: MessageEvent<FromTab>) => unknown) | null;
}

type OnChannel =
  | { to: "leader"; from: string; call: Call }
  | { to: "leader"; from: string; network: "online" | "offline" }
  | { to: string; answer: Answer }
  | { to: "all"; update: Update }
  /** A new leader hosts the core: what the one before did not answer is to be asked again. */
  | { to: "all"; leads: true };

/** What answers calls: the host of the core. */
export interface Answering {
  answer(call: Call): Promise<Answer>;
  network(state: "online" | "offline"): void;
}
export type MakeHost = (tell: (update: Update) => void) => Answering;

/** As much of a worker's scope as is needed. */
export interface Scope extends Pick<EventTarget, "addEventListener"> {
  readonly navigator: { readonly locks?: Pick<LockManager, "request"> };
}

/** What must not happen twice, and cannot tell that it happened before. */
const NEVER_AGAIN = new Set(["createGroup", "signUp"]);

export class Leader {
  readonly #id = crypto.getRandomValues(new Uint32Array(4)).join("-");
  readonly #channel = new BroadcastChannel(CHANNEL);
  readonly #ports = new Set<Port>();
  /** Calls that were passed on and have no answer yet. */
  readonly #asked = new Map<string, { call: Call; port: Port }>();
  readonly #locks: Scope["navigator"]["locks"];
  readonly #makeHost: MakeHost;
  #host: Answering | null = null;

  constructor(scope: Scope, makeHost: MakeHost) {
    this.#makeHost = makeHost;
    // Without TLS a browser may have no locks: then tabs share a worker, or have a core each.
    this.#locks = scope.navigator.locks;
    this.#channel.onmessage = (event: MessageEvent<OnChannel>) => {
      this.#heard(event.data);
    };
    scope.addEventListener("online", () => {
      this.#network("online");
    });
    scope.addEventListener("offline", () => {
      this.#network("offline");
    });
    if (this.#locks === undefined) this.#lead();
    else void this.#locks.request(LOCK, () => this.#leadForever());
  }

  join(port: Port): void {
    this.#ports.add(port);
    port.onmessage = (event) => {
      this.#said(port, event.data);
    };
  }

  /** Speaks to no other worker any more. */
  close(): void {
    this.#channel.close();
  }

  #leave(port: Port): void {
    this.#ports.delete(port);
    for (const [id, asked] of this.#asked) if (asked.port === port) this.#asked.delete(id);
  }

  #leadForever(): Promise<never> {
    this.#lead();
    return new Promise<never>(() => undefined);
  }

  #lead(): void {
    this.#host = this.#makeHost((update) => {
      this.#tell(update);
      this.#say({ to: "all", update });
    });
    this.#say({ to: "all", leads: true });
    this.#askAgain();
  }

  #said(port: Port, message: FromTab): void {
    switch (message.kind) {
      case "hello":
        void this.#locks?.request(message.lock, () => {
          this.#leave(port);
        });
        break;
      case "bye":
        this.#leave(port);
        break;
      case "network":
        this.#network(message.state);
        break;
      case "call":
        this.#ask(port, message);
    }
  }

  #ask(port: Port, call: Call): void {
    if (this.#host !== null) {
      void this.#host.answer(call).then((answer) => {
        port.postMessage(answer);
      });
      return;
    }
    this.#asked.set(call.id, { call, port });
    this.#say({ to: "leader", from: this.#id, call });
  }

  #askAgain(): void {
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const { call, port } of asked) {
      if (NEVER_AGAIN.has(call.method)) port.postMessage(unanswered(call));
      else this.#ask(port, call);
    }
  }

  #network(state: "online" | "offline"): void {
    if (this.#host !== null) this.#host.network(state);
    else this.#say({ to: "leader", from: this.#id, network: state });
  }

  #heard(message: OnChannel): void {
    if (message.to === this.#id && "answer" in message) this.#answered(message.answer);
    else if (message.to === "all" && "update" in message) this.#tell(message.update);
    else if (message.to === "all" && "leads" in message) this.#askAgain();
    else if (message.to === "leader" && this.#host !== null) this.#asForOther(this.#host, message);
  }

  #asForOther(host: Answering, message: OnChannel): void {
    if ("call" in message) {
      void host.answer(message.call).then((answer) => {
        this.#say({ to: message.from, answer });
      });
    } else if ("network" in message) {
      host.network(message.network);
    }
  }

  #answered(answer: Answer): void {
    this.#asked.get(answer.id)?.port.postMessage(answer);
    this.#asked.delete(answer.id);
  }

  #tell(update: Update): void {
    for (const port of this.#ports) port.postMessage({ kind: "update", update });
  }

  #say(message: OnChannel): void {
    this.#channel.postMessage(message);
  }
}

function unanswered(call: Call): Answer {
  const title = "No answer";
  const detail = "Another tab was closed before the answer came. Look whether it happened.";
  const problem = { code: "timeout", status: 0, title, detail, errors: [], retry_after_ms: null };
  return { kind: "refusal", id: call.id, problem };
}
