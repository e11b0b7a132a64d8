/** The names of things: a letter for the kind and 128 bits in base 32. A message id is `<conversation id>-<seq>`. */

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_BYTES = 16;

export function isUserId(id: string): boolean {
  return id.startsWith("u");
}

/** The conversation that a message stands in, and its place there. */
export function placeOf(message_id: string): { conversation_id: string; seq: number } | null {
  const dash = message_id.lastIndexOf("-");
  const seq = Number(message_id.slice(dash + 1));
  if (dash <= 0 || !Number.isSafeInteger(seq) || seq < 1) return null;
  return { conversation_id: message_id.slice(0, dash), seq };
}

/** The 16 bytes of an id. */
export function idBytes(id: string): Uint8Array {
  let value = 0n;
  for (const letter of id.slice(1)) {
    value = (value << 5n) | BigInt(Math.max(0, ALPHABET.indexOf(letter)));
  }
  const bytes = new Uint8Array(ID_BYTES);
  for (let index = ID_BYTES - 1; index >= 0; index -= 1) {
    bytes[index] = Number(value & 0xffn);
    value >>= 8n;
  }
  return bytes;
}

let last = 0n;

/**
 * A UUID of version 7, greater than the one before: the server need not look for a message whose id is greater than all
 * before it. (`crypto.randomUUID` makes others, and is not there on pages without TLS.)
 */
export function newId(now_ms = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  const random = bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const drawn = (BigInt(now_ms) << 74n) | BigInt.asUintN(74, random);
  last = drawn > last ? drawn : last + 1n;
  const [time, high, low] = [last >> 74n, BigInt.asUintN(12, last >> 62n), BigInt.asUintN(62, last)];
  const uuid = (time << 80n) | (7n << 76n) | (high << 64n) | (2n << 62n) | low;
  const digits = uuid.toString(16).padStart(32, "0");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
