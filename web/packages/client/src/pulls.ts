import type { ErrorFrame, Page, Pull } from "./frames.ts";
import { Refused } from "./problem.ts";

/** Pages that may be on their way at the same time. */
const PULLS_MAX = 8;

interface Asked {
  frame: Pull;
  resolve: (page: Page) => void;
  reject: (error: Refused) => void;
  written: boolean;
}

/** Questions for pages. A page names only its conversation, so that one question for each is on its way. */
export class Pulls {
  readonly #write: (frame: Pull) => void;
  #asked: Asked[] = [];
  #isUp = false;

  constructor(write: (frame: Pull) => void) {
    this.#write = write;
  }

  ask(conversation_id: string, after: number, limit: number): Promise<Page> {
    return new Promise((resolve, reject) => {
      const frame: Pull = { type: "pull", conversation_id, after, limit };
      this.#asked.push({ frame, resolve, reject, written: false });
      this.#flush();
    });
  }

  start(): void {
    this.#isUp = true;
    this.#flush();
  }

  lost(): void {
    this.#isUp = false;
    const asked = this.#asked;
    this.#asked = [];
    for (const { reject } of asked) reject(Refused.offline());
  }

  page(page: Page): void {
    this.#take(page.conversation_id)?.resolve(page);
    this.#flush();
  }

  /** Takes the answer to a pull; tells whether it was one. */
  error(error: ErrorFrame): boolean {
    if (error.frame !== "pull" || error.conversation_id === undefined) return false;
    const asked = this.#take(error.conversation_id);
    if (asked === null) return true;
    if (error.retry_after_ms === undefined) {
      asked.reject(new Refused({ code: error.problem, status: 404, detail: error.detail }));
      this.#flush();
    } else {
      this.#again({ ...asked, written: false }, error.retry_after_ms);
    }
    return true;
  }

  #again(asked: Asked, wait_ms: number): void {
    setTimeout(() => {
      if (!this.#isUp) {
        asked.reject(Refused.offline());
        return;
      }
      this.#asked.unshift(asked);
      this.#flush();
    }, wait_ms);
  }

  #take(conversation_id: string): Asked | null {
    const index = this.#asked.findIndex((asked) => asked.written && asked.frame.conversation_id === conversation_id);
    return index < 0 ? null : (this.#asked.splice(index, 1)[0] ?? null);
  }

  #flush(): void {
    if (!this.#isUp) return;
    const busy = new Set(this.#asked.filter((asked) => asked.written).map((asked) => asked.frame.conversation_id));
    for (const asked of this.#asked) {
      if (busy.size >= PULLS_MAX) break;
      if (asked.written || busy.has(asked.frame.conversation_id)) continue;
      busy.add(asked.frame.conversation_id);
      asked.written = true;
      this.#write(asked.frame);
    }
  }
}
