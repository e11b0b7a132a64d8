import { describe, expect, it } from "vitest";
import { colourOf, initialsOf } from "./identity";

describe("initials", () => {
  it.each([
    ["Ada Lovelace", "AL"],
    ["ada", "A"],
    ["Ada Augusta King Lovelace", "AL"],
    ["  émile   zola ", "ÉZ"],
    ["jean-luc", "JL"],
    ["李小龍", "李"],
    ["ليلى منصور", "ل"],
    ["👩‍🚀 Crew", "👩‍🚀C"],
    ["— !", ""],
    ["", ""],
  ])("of %j are %j", (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});

describe("the colour of an id", () => {
  it("is always the same", () => {
    expect(colourOf("u0123")).toBe(colourOf("u0123"));
  });

  it("is spread over all colours", () => {
    const seen = new Set(Array.from({ length: 200 }, (_, at) => colourOf(`u${at}`)));
    expect([...seen].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
