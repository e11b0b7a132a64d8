/** Hosts one core for all tabs, inside a worker. */

import { Core, toProblem } from "@kith/client";
import type { Update } from "@kith/client";
import { IndexedDbStorage } from "@kith/client/indexed-db";

import type { Answer, Call } from "./port";

/** Answers calls with a core of its own. */
export class Host {
  readonly #core: Core;

  constructor(tell: (update: Update) => void) {
    this.#core = new Core({
      base: "",
      storage: new IndexedDbStorage(),
      cookie: true,
    });
    this.#core.subscribe(tell);
  }

  network(state: "online" | "offline"): void {
    if (state === "online") this.#core.wake();
    else this.#core.sleep();
  }

  async answer({ id, method, args }: Call): Promise<Answer> {
    try {
      const core = this.#core as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      return { kind: "answer", id, value: await core[method]?.(...args) };
    } catch (error) {
      return { kind: "refusal", id, problem: toProblem(error) };
    }
  }
}
