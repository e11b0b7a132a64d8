/** One emoji, with the words by which it is found. */
export interface Emoji {
  emoji: string;
  name: string;
  tags: string;
}

export type EmojiGroups = Emoji[][];

type Data = [emoji: string, name: string, tags: string][][];

const loaders: Record<string, () => Promise<{ default: Data }>> = {
  en: () => import("virtual:emoji/en"),
  de: () => import("virtual:emoji/de"),
  es: () => import("virtual:emoji/es"),
  ar: () => import("virtual:emoji/ar"),
};

const loaded = new Map<string, Promise<EmojiGroups>>();

export function loadEmoji(tag: string): Promise<EmojiGroups> {
  const base = tag.split("-")[0] ?? "en";
  const language = base in loaders ? base : "en";
  let groups = loaded.get(language);
  if (groups === undefined) {
    groups = read(language).catch((problem: unknown) => {
      loaded.delete(language);
      throw problem;
    });
    loaded.set(language, groups);
  }
  return groups;
}

async function read(language: string): Promise<EmojiGroups> {
  const data = await loaders[language]?.();
  return (data?.default ?? []).map((group) => group.map(([emoji, name, tags]) => ({ emoji, name, tags })));
}

/** Those whose name, or another word for them, begins like each of the words; better matches first. */
export function search(groups: EmojiGroups, query: string): Emoji[] {
  const wanted = folded(query).split(/\s+/).filter(Boolean);
  const found: { emoji: Emoji; rank: number }[] = [];
  for (const emoji of groups.flat()) {
    const rank = rankOf(emoji, wanted);
    if (rank !== null) found.push({ emoji, rank });
  }
  return found.sort((a, b) => a.rank - b.rank).map(({ emoji }) => emoji);
}

function rankOf({ name, tags }: Emoji, wanted: string[]): number | null {
  const title = folded(name).split(SEPARATORS);
  const words = [...title, ...folded(tags).split(SEPARATORS)];
  if (!wanted.every((want) => words.some((word) => word.startsWith(want)))) return null;
  // "heart" means the red heart before the heart with an arrow, and that before the smile that looks in love.
  const whole = wanted.every((want) => title.includes(want));
  const begun = wanted.every((want) => title.some((word) => word.startsWith(want)));
  return whole ? title.length : begun ? BEGUN + title.length : BEGUN * 2;
}

const SEPARATORS = /[\s:,()-]+/;
/** Ranks above those of names that hold every word. */
const BEGUN = 100;

function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

const TONES = ["", "\u{1F3FB}", "\u{1F3FC}", "\u{1F3FD}", "\u{1F3FE}", "\u{1F3FF}"];
const TONED = /(\p{Emoji_Modifier_Base})\uFE0F?/gu;
/** People who are drawn together have no tone, or one for each that cannot be told apart here. */
const FAMILY = /\u200D[\u{1F466}-\u{1F469}]|^[\u{1F46A}\u{1F46F}\u{1F93C}]/u;

/** The same emoji in a skin tone, from 1 (light) to 5; 0 is none. */
export function withTone(emoji: string, tone: number): string {
  const sign = TONES[tone] ?? "";
  return sign === "" || FAMILY.test(emoji) ? emoji : emoji.replace(TONED, `$1${sign}`);
}

/** The last ones first, each once. */
export function withRecent(recent: readonly string[], emoji: string, limit: number): string[] {
  return [emoji, ...recent.filter((other) => other !== emoji)].slice(0, limit);
}

/** A line of the grid: a heading, or as many emoji as fit. */
export type Line = { kind: "heading"; group: number } | { kind: "row"; emoji: Emoji[] };

/** Lays out groups under their headings; a negative number names no group and has no heading. */
export function linesOf(groups: { group: number; emoji: Emoji[] }[], columns: number): Line[] {
  const lines: Line[] = [];
  for (const { group, emoji } of groups) {
    if (emoji.length === 0) continue;
    if (group >= 0) lines.push({ kind: "heading", group });
    for (let at = 0; at < emoji.length; at += columns) {
      lines.push({ kind: "row", emoji: emoji.slice(at, at + columns) });
    }
  }
  return lines;
}

export interface Cell {
  line: number;
  column: number;
}

/** Where an arrow leads to from a cell; headings are passed over, and the edges hold. */
export function moveIn(lines: readonly Line[], { line, column }: Cell, key: string): Cell | null {
  const row = (at: number) => {
    const found = lines[at];
    return found?.kind === "row" ? found : null;
  };
  const vertical = (step: 1 | -1): Cell => {
    let at = line + step;
    while (lines[at] !== undefined && row(at) === null) at += step;
    const next = row(at);
    return next === null ? { line, column } : { line: at, column: Math.min(column, next.emoji.length - 1) };
  };
  const last = (row(line)?.emoji.length ?? 1) - 1;
  switch (key) {
    case "ArrowDown":
      return vertical(1);
    case "ArrowUp":
      return vertical(-1);
    case "ArrowRight": {
      const below = vertical(1);
      if (column < last) return { line, column: column + 1 };
      return below.line === line ? { line, column } : { line: below.line, column: 0 };
    }
    case "ArrowLeft": {
      const above = vertical(-1);
      if (column > 0) return { line, column: column - 1 };
      const end = (row(above.line)?.emoji.length ?? 1) - 1;
      return above.line === line ? { line, column } : { line: above.line, column: end };
    }
    case "Home":
      return { line, column: 0 };
    case "End":
      return { line, column: last };
    default:
      return null;
  }
}
