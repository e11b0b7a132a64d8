import type { Saver } from "./saver.ts";
import type { Tables } from "./storage.ts";

/** Words that were written and not sent, on this device. */
export class Drafts {
  readonly #saver: Saver;
  readonly #drafts = new Map<string, string>();

  constructor(saver: Saver) {
    this.#saver = saver;
  }

  restore(stored: Tables["drafts"][]): void {
    for (const { conversation, text } of stored) this.#drafts.set(conversation, text);
  }

  get(conversation: string): string | null {
    return this.#drafts.get(conversation) ?? null;
  }

  /** Resolves when it is safe. */
  set(conversation: string, text: string | null): Promise<void> {
    const empty = text === null || text === "";
    if (empty) this.#drafts.delete(conversation);
    else this.#drafts.set(conversation, text);
    const value = empty ? null : { conversation, text };
    return this.#saver.now({ table: "drafts", key: conversation, value }).catch(() => undefined);
  }
}
