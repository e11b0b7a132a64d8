import { afterEach, describe, expect, it } from "vitest";

import { Leader } from "./leader";
import type { Answering, Port, Scope } from "./leader";
import type { Call, FromTab, Method, ToTab } from "./port";

/** Locks as a browser has them: the next in the queue gets one as soon as its holder is gone. */
class FakeLocks {
  readonly #queues = new Map<string, { take: () => void; owner: object }[]>();

  of(owner: object): NonNullable<Scope["navigator"]["locks"]> {
    const request = (name: string, take: () => unknown) => {
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      queue.push({ take: () => void take(), owner });
      if (queue.length === 1) queue[0]?.take();
      return new Promise(() => undefined);
    };
    return { request } as NonNullable<Scope["navigator"]["locks"]>;
  }

  /** A tab or a worker is gone, with all that it held or waited for. */
  dies(owner: object): void {
    for (const [name, queue] of this.#queues) {
      const [holder] = queue;
      const left = queue.filter((entry) => entry.owner !== owner);
      this.#queues.set(name, left);
      if (holder?.owner === owner) left[0]?.take();
    }
  }
}

class FakePort implements Port {
  readonly heard: ToTab[] = [];
  onmessage: Port["onmessage"] = null;

  postMessage(message: ToTab): void {
    this.heard.push(message);
  }

  say(data: FromTab): void {
    this.onmessage?.({ data } as MessageEvent<FromTab>);
  }

  answers(): string[] {
    return this.heard.flatMap((message) => (message.kind === "update" ? [] : `${message.kind} ${message.id}`));
  }
}

/** A worker with one tab. */
class Worker {
  readonly port = new FakePort();
  readonly calls: Call[] = [];
  readonly leader: Leader;
  tell: ((update: { kind: "typing"; conversation_id: string; user_id: string }) => void) | null = null;

  constructor(locks: FakeLocks, answers: "answers" | "silent" = "answers") {
    const scope = { addEventListener: () => undefined, navigator: { locks: locks.of(this) } };
    this.leader = new Leader(scope, (tell) => {
      this.tell = tell;
      return this.#host(answers);
    });
    this.leader.join(this.port);
    workers.push(this);
  }

  ask(id: string, method: Method = "snapshot"): void {
    this.port.say({ kind: "call", id, method, args: [] });
  }

  #host(answers: "answers" | "silent"): Answering {
    return {
      network: () => undefined,
      answer: (call) => {
        this.calls.push(call);
        const never = new Promise<never>(() => undefined);
        return answers === "silent" ? never : Promise.resolve({ kind: "answer", id: call.id, value: null });
      },
    };
  }
}

const workers: Worker[] = [];
afterEach(() => {
  for (const worker of workers.splice(0)) worker.leader.close();
});

/** Channels deliver in a later turn of the event loop. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe("workers that share a browser", () => {
  it("have one core, which answers for all and tells all", async () => {
    const locks = new FakeLocks();
    const [one, other] = [new Worker(locks), new Worker(locks)];
    other.ask("a");
    one.ask("b");
    await until(() => other.port.answers().length > 0);
    expect([one.port.answers(), other.port.answers()]).toEqual([["answer b"], ["answer a"]]);
    expect([one.calls.length, other.calls.length]).toEqual([2, 0]);
    const update = { kind: "typing", conversation_id: "d1", user_id: "u1" } as const;
    one.tell?.(update);
    await until(() => other.port.heard.some((message) => message.kind === "update"));
    expect(one.port.heard.at(-1)).toEqual({ kind: "update", update });
  });

  it("ask the next leader again what the last one did not answer", async () => {
    const locks = new FakeLocks();
    const [one, two, three] = [new Worker(locks, "silent"), new Worker(locks), new Worker(locks)];
    two.ask("a");
    three.ask("b");
    three.ask("c", "createGroup");
    await until(() => one.calls.length === 3);
    one.leader.close();
    locks.dies(one);
    await until(() => three.port.answers().length === 2);
    expect(two.port.answers()).toEqual(["answer a"]);
    // What could happen twice is not asked twice.
    expect(three.port.answers().sort()).toEqual(["answer b", "refusal c"]);
    expect(two.calls.map((call) => call.id).sort()).toEqual(["a", "b"]);
  });

  it("forget a tab that is gone", () => {
    const locks = new FakeLocks();
    const worker = new Worker(locks);
    const tab = new FakePort();
    void locks.of(tab).request("tab-1", () => new Promise(() => undefined));
    worker.leader.join(tab);
    tab.say({ kind: "hello", lock: "tab-1" });
    const update = { kind: "typing", conversation_id: "d1", user_id: "u1" } as const;
    worker.tell?.(update);
    locks.dies(tab);
    worker.tell?.(update);
    expect(tab.heard).toHaveLength(1);
  });
});
