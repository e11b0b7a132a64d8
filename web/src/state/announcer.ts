/** What came since the last announcement. */
export interface Heard {
  author: string;
  words: string;
}

/** Announcements are no closer together than this. */
export const ANNOUNCE_EVERY_MS = 2_000;
/** Longer texts are cut: one can always read them. */
const WORDS_MAX = 160;

export interface Phrases {
  one: (author: string, words: string) => string;
  many: (count: number, authors: string) => string;
  list: (names: string[]) => string;
}

export function announcement(heard: readonly Heard[], phrases: Phrases): string {
  const [first, ...others] = heard;
  if (first === undefined) return "";
  if (others.length === 0) return phrases.one(first.author, first.words.slice(0, WORDS_MAX));
  const authors = [...new Set(heard.map(({ author }) => author))];
  return phrases.many(heard.length, phrases.list(authors));
}
