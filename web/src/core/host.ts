/** Hosts one core for all tabs, inside a worker. */

import { Core, toProblem } from "@kith/client";
import type { CoreApi, Update } from "@kith/client";
import { IndexedDbStorage } from "@kith/client/indexed-db";

import type { Answer, Call } from "./port";

/** Answers calls with a core of its own. */
export class Host {
    readonly #core: Core;

    constructor(tell: (update: Update) => void) {
        this.#core = new Core({
            base: "",
            storage: new IndexedDbStorage(),
            fetch: (input, init) => fetch(input, init),
            socket: WebSocket,
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
            const call = this.#core[method] as (
                ...args: unknown[]
            ) => ReturnType<CoreApi[typeof method]>;
            return { kind: "answer", id, value: await call.apply(this.#core, args) };
        } catch (error) {
            return { kind: "refusal", id, problem: toProblem(error) };
        }
    }
}
