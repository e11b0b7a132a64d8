import type { Details } from "./details.ts";
import { isUserId } from "./ids.ts";
import type { Inbox } from "./inbox.ts";
import { Refused } from "./problem.ts";

/** Which conversation is meant by a person: the direct one with them, which need not exist yet. */
export class Directs {
  readonly #inbox: Inbox;
  readonly #details: Details;
  readonly #found = new Map<string, string>();

  constructor(inbox: Inbox, details: Details) {
    this.#inbox = inbox;
    this.#details = details;
  }

  found(user_id: string, conversation_id: string): void {
    this.#found.set(user_id, conversation_id);
  }

  /** The conversation, as far as it is known on this device. */
  known(conversation: string): string | null {
    if (!isUserId(conversation)) return conversation;
    const row = this.#inbox.withPeer(conversation);
    return row?.conversation_id ?? this.#found.get(conversation) ?? null;
  }

  /** The conversation; null if it does not exist, as far as anybody can tell now. @throws Refused */
  async resolve(conversation: string): Promise<string | null> {
    const known = this.known(conversation);
    if (known !== null) return known;
    if (this.#inbox.isComplete) return null;
    try {
      const { conversation_id } = await this.#details.read(conversation);
      this.found(conversation, conversation_id);
      return conversation_id;
    } catch (error) {
      const isUnknown = error instanceof Refused && ["not-found", "offline"].includes(error.code);
      if (isUnknown) return null;
      throw error;
    }
  }
}
