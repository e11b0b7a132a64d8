import { expect, it } from "vitest";

import { announcement, type Phrases } from "./announcer";

const phrases: Phrases = {
  one: (author, words) => `${author}: ${words}`,
  many: (count, authors) => `${count} from ${authors}`,
  list: (names) => names.join(" and "),
};

it("reads out one message", () => {
  expect(announcement([{ author: "Ada", words: "hello" }], phrases)).toBe("Ada: hello");
});

it("counts several, and names each author once", () => {
  const heard = ["Ada", "Bob", "Ada"].map((author) => ({ author, words: "x" }));
  expect(announcement(heard, phrases)).toBe("3 from Ada and Bob");
});

it("cuts what is too long to listen to", () => {
  expect(announcement([{ author: "Ada", words: "x".repeat(1_000) }], phrases).length).toBeLessThan(200);
});

it("says nothing about nothing", () => {
  expect(announcement([], phrases)).toBe("");
});
