import { idBytes } from "./ids.ts";
import { sha256 } from "./sha256.ts";

/**
 * The heads of all conversations of a user, with their digest as the server computes it: what finds whole
 * conversations that were missed.
 */
export class Digest {
  readonly #heads = new Map<string, number>();
  #value = 0n;

  get(conversation_id: string): number {
    return this.#heads.get(conversation_id) ?? 0;
  }

  /** The conversation reaches this place, at least. Tells whether that is news. */
  reaches(conversation_id: string, head: number): boolean {
    const before = this.get(conversation_id);
    if (head <= before) return false;
    this.#value ^= part(conversation_id, before) ^ part(conversation_id, head);
    this.#heads.set(conversation_id, head);
    return true;
  }

  /** The conversation is not the user's any more. */
  forget(conversation_id: string): void {
    this.#value ^= part(conversation_id, this.get(conversation_id));
    this.#heads.delete(conversation_id);
  }

  ids(): string[] {
    return [...this.#heads.keys()];
  }

  toString(): string {
    return this.#value.toString(16).padStart(16, "0");
  }
}

function part(conversation_id: string, head: number): bigint {
  if (head === 0) return 0n;
  const message = new Uint8Array(24);
  message.set(idBytes(conversation_id));
  new DataView(message.buffer).setBigUint64(16, BigInt(head));
  return new DataView(sha256(message).buffer).getBigUint64(0);
}
