import type { Member, MessageItem } from "@kith/client";

export type SendKey = "enter" | "ctrl-enter";

/** What is known of a key that was pressed in the composer. */
export interface KeyPress {
  key: string;
  shift: boolean;
  /** Ctrl, or Cmd on a Mac. */
  control: boolean;
  alt: boolean;
  composing: boolean;
}

export type KeyMeaning = "send" | "edit-last" | "page-up" | "page-down" | "to-start" | "to-end";

/** What a key means, where it does not mean itself. Nothing is taken while an input method is at work. */
export function meaningOf(press: KeyPress, text: string, sendKey: SendKey): KeyMeaning | null {
  if (press.composing || press.alt) return null;
  if (press.key === "Enter") {
    const sends = sendKey === "enter" ? !press.shift : press.control;
    return sends ? "send" : null;
  }
  if (press.shift) return null;
  if (press.key === "PageUp") return "page-up";
  if (press.key === "PageDown") return "page-down";
  if (text !== "" && !press.control) return null;
  if (press.key === "ArrowUp" && text === "") return "edit-last";
  if (press.key === "Home") return "to-start";
  return press.key === "End" ? "to-end" : null;
}

/** A name that is being written: from the `@` to the caret. */
export interface MentionQuery {
  from: number;
  to: number;
  query: string;
}

/** Longer than this is no name any more. */
const QUERY_LETTERS_MAX = 40;

export function mentionAt(text: string, caret: number): MentionQuery | null {
  const from = text.lastIndexOf("@", caret - 1);
  if (from === -1 || caret - from > QUERY_LETTERS_MAX) return null;
  if (/[\p{L}\p{N}]/u.test(text[from - 1] ?? "")) return null;
  const query = text.slice(from + 1, caret);
  return /^\s|\n|\s{2}/.test(query) ? null : { from, to: caret, query };
}

/** Members whose name, or a word of it, begins like this. */
export function matchingMembers(members: readonly Member[], query: string, me: string, limit: number): Member[] {
  const wanted = folded(query);
  return members.filter(({ user_id, name }) => user_id !== me && startsLike(folded(name), wanted)).slice(0, limit);
}

function startsLike(name: string, wanted: string): boolean {
  return name.startsWith(wanted) || name.split(/\s+/).some((word) => word.startsWith(wanted));
}

function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

export interface Edited {
  text: string;
  caret: number;
}

export function withMention(text: string, { from, to }: MentionQuery, name: string): Edited {
  const inserted = `@${name} `;
  const rest = text.slice(to).replace(/^ /, "");
  return { text: text.slice(0, from) + inserted + rest, caret: from + inserted.length };
}

export function withInserted(text: string, from: number, to: number, inserted: string): Edited {
  return { text: text.slice(0, from) + inserted + text.slice(to), caret: from + inserted.length };
}

const encoder = new TextEncoder();

/** How many bytes are left, or null while that is of no interest. */
export function bytesLeft(text: string, limit: number): number | null {
  // No letter takes more than three bytes for each unit of UTF-16.
  if (text.length * 3 < limit * COUNTER_FROM) return null;
  const bytes = encoder.encode(text).length;
  return bytes < limit * COUNTER_FROM ? null : limit - bytes;
}

const COUNTER_FROM = 0.9;

/** What is written now: something new, an answer, or another text for what was sent. */
export type Mode = { kind: "write" } | { kind: "reply"; item: MessageItem } | { kind: "edit"; item: MessageItem };
