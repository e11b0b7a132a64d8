/** `typing` is told so seldom. */
const TELL_EVERY_MS = 3000;

/** Tells that the user writes, now and then. */
export class Typing {
  readonly #write: (conversation_id: string) => boolean;
  readonly #told_at_ms = new Map<string, number>();

  constructor(write: (conversation_id: string) => boolean) {
    this.#write = write;
  }

  writes(conversation_id: string): void {
    const now_ms = Date.now();
    if (now_ms - (this.#told_at_ms.get(conversation_id) ?? 0) < TELL_EVERY_MS) return;
    if (this.#write(conversation_id)) this.#told_at_ms.set(conversation_id, now_ms);
  }
}
