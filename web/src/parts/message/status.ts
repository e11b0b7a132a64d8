import type { Member, MessageItem } from "@kith/client";

export type Status = "queued" | "sending" | "sent" | "delivered" | "read" | "failed";

/** How far others have come in a conversation. */
export interface Receipts {
  /** The furthest that anybody else has read, or was reached. */
  read: number;
  delivered: number;
}

export function receiptsOf(members: readonly Member[], me: string): Receipts {
  const others = members.filter(({ user_id }) => user_id !== me);
  const furthest = (places: (number | undefined)[]) => Math.max(0, ...places.map((at) => at ?? 0));
  const read = furthest(others.map(({ read_seq }) => read_seq));
  return {
    read,
    delivered: Math.max(read, furthest(others.map(({ delivered_seq }) => delivered_seq))),
  };
}

export function statusOf(item: MessageItem, receipts: Receipts): Status {
  if (item.seq === null || item.state === "failed") return item.state;
  if (item.seq <= receipts.read) return "read";
  return item.seq <= receipts.delivered ? "delivered" : "sent";
}

export function readersOf(item: MessageItem, members: readonly Member[]): Member[] {
  return members.filter(
    ({ user_id, read_seq }) => user_id !== item.sender_id && item.seq !== null && (read_seq ?? 0) >= item.seq,
  );
}

export function reachedOf(item: MessageItem, members: readonly Member[]): Member[] {
  const readers = new Set(readersOf(item, members));
  return members.filter(
    (member) =>
      member.user_id !== item.sender_id &&
      !readers.has(member) &&
      item.seq !== null &&
      (member.delivered_seq ?? 0) >= item.seq,
  );
}
