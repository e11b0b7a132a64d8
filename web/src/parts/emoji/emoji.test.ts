import { describe, expect, it } from "vitest";

import { emojiOf } from "../../../emoji-data";
import {
  type Emoji,
  type EmojiGroups,
  type Line,
  linesOf,
  loadEmoji,
  moveIn,
  search,
  withRecent,
  withTone,
} from "./emoji";

const first = (groups: EmojiGroups, query: string) => search(groups, query)[0]?.emoji;

describe("search in the language of the reader", () => {
  it.each([
    ["en", "heart", "❤️"],
    ["de", "rotes herz", "❤️"],
    ["es", "corazon rojo", "❤️"],
    ["ar", "قلب أحمر", "❤️"],
    ["de-AT", "Katze", "🐈️"],
    ["en-XA", "pizza", "🍕"],
  ])("finds, in %s, by %s", async (language, query, emoji) => {
    const found = search(await loadEmoji(language), query).map((one) => one.emoji);
    expect(found.map(bare)).toContain(bare(emoji));
  });

  it("puts the emoji of that name first", async () => {
    expect(first(await loadEmoji("en"), "red heart")).toBe("❤️");
    expect(first(await loadEmoji("en"), "thumbs up")).toBe("👍️");
  });

  it("needs every word", async () => {
    expect(search(await loadEmoji("en"), "heart zebra")).toEqual([]);
  });

  it.each(["en", "de", "es", "ar"])("has a name for nearly every emoji in %s", (language) => {
    const english = new Map(
      emojiOf("en")
        .flat()
        .map(([emoji, name]) => [emoji, name]),
    );
    const rows = emojiOf(language).flat();
    expect(rows.length).toBeGreaterThan(1_500);
    const foreign = rows.filter(([emoji, name]) => name !== english.get(emoji));
    if (language !== "en") expect(foreign.length / rows.length).toBeGreaterThan(0.85);
  });
});

describe("skin tones", () => {
  it.each([
    ["👋", 1, "👋🏻"],
    ["👍️", 3, "👍🏽"],
    ["☝️", 5, "☝🏿"],
    ["🧑‍🚀", 2, "🧑🏼‍🚀"],
    ["😀", 4, "😀"],
    ["👨‍👩‍👧", 4, "👨‍👩‍👧"],
    ["👋", 0, "👋"],
  ])("gives %s the tone %i", (emoji, tone, expected) => {
    expect(withTone(emoji, tone)).toBe(expected);
  });
});

it("keeps what was used last, each once", () => {
  expect(withRecent(["a", "b", "c"], "b", 3)).toEqual(["b", "a", "c"]);
  expect(withRecent(["a", "b", "c"], "d", 3)).toEqual(["d", "a", "b"]);
});

describe("the grid", () => {
  const emoji = (count: number): Emoji[] =>
    Array.from({ length: count }, (_, at) => ({ emoji: `${at}`, name: "", tags: "" }));
  const lines: Line[] = linesOf(
    [
      { group: 0, emoji: emoji(5) },
      { group: 1, emoji: [] },
      { group: 2, emoji: emoji(2) },
    ],
    3,
  );

  it("has a heading for each group that is not empty", () => {
    expect(lines.map((line) => (line.kind === "row" ? line.emoji.length : "heading"))).toEqual([
      "heading",
      3,
      2,
      "heading",
      2,
    ]);
  });

  it.each([
    ["ArrowDown", { line: 1, column: 2 }, { line: 2, column: 1 }],
    ["ArrowDown", { line: 2, column: 0 }, { line: 4, column: 0 }],
    ["ArrowDown", { line: 4, column: 1 }, { line: 4, column: 1 }],
    ["ArrowUp", { line: 4, column: 1 }, { line: 2, column: 1 }],
    ["ArrowRight", { line: 1, column: 2 }, { line: 2, column: 0 }],
    ["ArrowLeft", { line: 2, column: 0 }, { line: 1, column: 2 }],
    ["ArrowLeft", { line: 1, column: 0 }, { line: 1, column: 0 }],
    ["End", { line: 1, column: 0 }, { line: 1, column: 2 }],
  ])("%s leads from %j to %j", (key, from, to) => {
    expect(moveIn(lines, from, key)).toEqual(to);
  });
});

/** The sign that asks for a coloured picture is written by some and left out by others. */
function bare(emoji: string): string {
  return emoji.replaceAll("\uFE0F", "");
}
