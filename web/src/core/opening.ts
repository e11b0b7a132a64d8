import type { Place } from "@kith/client";

/** How many items a conversation opens with: a view and a half; the rest comes while they are painted. */
export const OPENING_ITEMS = 30;

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
