import { describe, expect, it } from "vitest";
import { formatFor, pluralFor } from "./format";

const now = new Date(2026, 10, 26, 15, 30);
const at = (year: number, month: number, day: number, hour = 0, minute = 0) =>
  new Date(year, month, day, hour, minute).toISOString();

describe("the short time of a row", () => {
  const english = formatFor("en-GB");

  it.each([
    [at(2026, 10, 26, 9, 5), "9:05"],
    [at(2026, 10, 25, 23, 59), "Yesterday"],
    [at(2026, 10, 22, 12, 0), "Sun"],
    [at(2026, 2, 3, 12, 0), "3 Mar"],
    [at(2025, 2, 3, 12, 0), "03/03/25"],
  ])("of %s is %s", (iso, words) => {
    expect(english.short(iso, now)).toBe(words);
  });
});

describe("a day as a heading", () => {
  it("is a word when it is near", () => {
    const german = formatFor("de");
    expect(german.day(at(2026, 10, 26, 1), now)).toBe("Heute");
    expect(german.day(at(2026, 10, 25, 1), now)).toBe("Gestern");
    expect(german.day(at(2026, 10, 23, 1), now)).toBe("Montag");
    expect(german.day(at(2026, 0, 5, 1), now)).toBe("Montag, 5. Januar");
    expect(german.day(at(2024, 0, 5, 1), now)).toBe("5. Januar 2024");
  });
});

describe("how long ago", () => {
  const english = formatFor("en");

  it.each([
    [at(2026, 10, 26, 15, 30), "now"],
    [at(2026, 10, 26, 15, 25), "5 minutes ago"],
    [at(2026, 10, 26, 12, 0), "3 hours ago"],
    [at(2026, 10, 25, 12, 0), "yesterday"],
    [at(2026, 9, 26, 12, 0), "last month"],
  ])("%s is %s", (iso, words) => {
    expect(english.relative(iso, now)).toBe(words);
  });
});

describe("a plural", () => {
  it("has the forms of its language", () => {
    const arabic = pluralFor("ar");
    const forms = { zero: "لا شيء", one: "واحد", two: "اثنان", few: "# قليلة", many: "# كثيرة", other: "# أخرى" };
    expect([0, 1, 2].map((count) => arabic(count, forms))).toEqual(["لا شيء", "واحد", "اثنان"]);
    expect(arabic(3, forms)).toContain("قليلة");
    expect(arabic(11, forms)).toContain("كثيرة");
  });

  it("writes large numbers as the language does", () => {
    expect(pluralFor("de")(12345, { one: "# Nachricht", other: "# Nachrichten" })).toBe("12.345 Nachrichten");
  });
});
