import type { Place } from "@kith/client";

/** A row is at least so high. */
const ROW_MIN_PX = 38;
/** Of a slice around the first unread message, so much stands before it, out of view. */
export const READ_PART = 1 / 3;

export interface OpeningItems {
  at_end: number;
  at_unread: number;
}

/** How many items a conversation opens with: what fills the window. The rest comes when they are painted. */
export function openingItems(): OpeningItems {
  const at_end = Math.ceil(innerHeight / ROW_MIN_PX);
  return { at_end, at_unread: Math.ceil(at_end / (1 - READ_PART)) };
}

export interface Opening {
  conversation: string;
  place: Place;
}

/** What an address wants to be shown of a conversation. */
export function openingOf(pathname: string): Opening | null {
  const [, conversation, seq] = /^\/c\/([^/]+)(?:\/(\d+))?\/?$/.exec(pathname) ?? [];
  if (conversation === undefined) return null;
  const around = Number(seq ?? 0);
  return { conversation, place: around > 0 ? { around } : { unread: true } };
}
