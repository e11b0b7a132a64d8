const colours = 8;

/** The number of the colour that belongs to an id, from 1: the same on every device. */
export function colourOf(id: string): number {
  let hash = 2166136261;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 16777619);
  return ((hash >>> 0) % colours) + 1;
}

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function firstLetter(word: string | undefined): string {
  if (word === undefined) return "";
  for (const { segment } of letters.segment(word)) return segment.toLocaleUpperCase();
  return "";
}

/** The first letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s\-_.]+/u).filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word));
  const first = firstLetter(words[0]);
  const last = words.length > 1 ? firstLetter(words.at(-1)) : "";
  // Letters that join would be read as a word.
  return /\p{Script=Arabic}/u.test(first) ? first : first + last;
}
