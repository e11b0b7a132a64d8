import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const require = createRequire(import.meta.url);
const NAME = "virtual:emoji/";
/** Emoji of later versions are missing from the fonts of devices that are still in use. */
const VERSION_MAX = 15;
/** The groups of emojibase, without the one of parts that stand for nothing alone. */
const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9];

interface Emoji {
  emoji: string;
  label: string;
  tags?: string[];
  group?: number;
  order?: number;
  version: number;
}

/** One emoji: itself, its name, and the other words by which it is found. */
type Row = [string, string, string];

/** Provides the emoji of a language as a module: groups of rows, from the data of Unicode. */
export function emojiData(): Plugin {
  return {
    name: "emoji-data",
    resolveId: (id) => (id.startsWith(NAME) ? `\0${id}` : undefined),
    load: (id) => {
      if (!id.startsWith(`\0${NAME}`)) return undefined;
      const language = id.slice(NAME.length + 1);
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(emojiOf(language)))});`;
    },
  };
}

export function emojiOf(language: string): Row[][] {
  const words = language === "ar" ? annotations(language) : emojibase(language);
  const all = read("emojibase-data/en/data.json") as Emoji[];
  return GROUPS.map((group) =>
    all
      .filter((one) => one.group === group && one.version <= VERSION_MAX)
      .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
      .map(({ emoji, label }): Row => {
        const [name, tags] = words(emoji) ?? [label, []];
        return [emoji, name, tags.filter((tag) => tag !== name).join(" ")];
      }),
  );
}

type Words = (emoji: string) => [string, string[]] | undefined;

function emojibase(language: string): Words {
  const rows = read(`emojibase-data/${language}/data.json`) as Emoji[];
  const known = new Map(rows.map(({ emoji, label, tags = [] }) => [emoji, [label, tags] as [string, string[]]]));
  return (emoji) => known.get(emoji);
}

/** The data of emojibase has no Arabic; that of CLDR, which it is made from, has. */
function annotations(language: string): Words {
  interface Annotation {
    default?: string[];
    tts?: string[];
  }
  const path = `cldr-annotations-modern/annotations/${language}/annotations.json`;
  const file = read(path) as { annotations: { annotations: Record<string, Annotation> } };
  const known = file.annotations.annotations;
  const regions = new Intl.DisplayNames([language], { type: "region" });
  return (emoji) => {
    const found = known[emoji] ?? known[emoji.replaceAll("\uFE0F", "")];
    if (found?.tts?.[0] !== undefined) return [found.tts[0], found.default ?? []];
    const region = regionOf(emoji);
    return region === undefined ? undefined : [regions.of(region) ?? region, []];
  };
}

const INDICATOR_A = 0x1f1e6;

/** The country of a flag. */
function regionOf(emoji: string): string | undefined {
  const letters = Array.from(emoji, (sign) => (sign.codePointAt(0) ?? 0) - INDICATOR_A);
  if (letters.length !== 2 || letters.some((letter) => letter < 0 || letter > 25)) return undefined;
  return String.fromCharCode(...letters.map((letter) => letter + 65));
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(require.resolve(path), "utf8"));
}
