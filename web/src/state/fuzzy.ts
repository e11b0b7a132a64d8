/** Without case, accents and the marks that Arabic writers leave out. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

const not_there = -1;

/**
 * How well a name fits what was typed, the higher the better; null if it does not. All letters have to be there in
 * their order; those that start a word or follow each other count more.
 */
export function fit(typed: string, name: string): number | null {
  const wanted = Array.from(folded(typed).replace(/\s+/gu, " ").trim());
  const letters = Array.from(folded(name));
  let score = 0;
  let from = 0;
  let last = not_there;
  for (const letter of wanted) {
    const at = letters.indexOf(letter, from);
    if (at === not_there) return null;
    const startsWord = at === 0 || /[\s\-_.@]/u.test(letters[at - 1] ?? "");
    score += at === last + 1 ? 4 : startsWord ? 3 : 1;
    last = at;
    from = at + 1;
  }
  return score - letters.length / 100;
}

/** Those that fit, the best first; all of them in their order if nothing was typed. */
export function bestFits<T>(typed: string, all: readonly T[], nameOf: (one: T) => string): T[] {
  if (typed.trim() === "") return [...all];
  return all
    .map((one) => ({ one, score: fit(typed, nameOf(one)) }))
    .filter((entry): entry is { one: T; score: number } => entry.score !== null)
    .sort((one, other) => other.score - one.score)
    .map((entry) => entry.one);
}
