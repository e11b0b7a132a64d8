import type { Member } from "@kith/client";
import { describe, expect, it } from "vitest";

import { bytesLeft, type KeyPress, matchingMembers, meaningOf, mentionAt, withInserted, withMention } from "./composer";

const press = (key: string, change: Partial<KeyPress> = {}): KeyPress => ({
  key,
  shift: false,
  control: false,
  alt: false,
  composing: false,
  ...change,
});

describe("keys", () => {
  it.each([
    ["Enter sends", press("Enter"), "a", "enter", "send"],
    ["Shift+Enter breaks the line", press("Enter", { shift: true }), "a", "enter", null],
    ["Enter breaks the line where Ctrl+Enter sends", press("Enter"), "a", "ctrl-enter", null],
    ["Ctrl+Enter sends", press("Enter", { control: true }), "a", "ctrl-enter", "send"],
    ["Ctrl+Enter sends where Enter does, too", press("Enter", { control: true }), "a", "enter", "send"],
    ["Enter belongs to the input method", press("Enter", { composing: true }), "a", "enter", null],
    ["↑ edits from an empty composer", press("ArrowUp"), "", "enter", "edit-last"],
    ["↑ moves the caret in a text", press("ArrowUp"), "a", "enter", null],
    ["End goes to the end", press("End"), "", "enter", "to-end"],
    ["End moves the caret in a text", press("End"), "a", "enter", null],
    ["Ctrl+End goes to the end from a text", press("End", { control: true }), "a", "enter", "to-end"],
    ["Page Up always pages", press("PageUp"), "a", "enter", "page-up"],
    ["Shift+Page Up selects", press("PageUp", { shift: true }), "a", "enter", null],
  ] as const)("%s", (_, key, text, sendKey, meaning) => {
    expect(meaningOf(key, text, sendKey)).toBe(meaning);
  });
});

describe("mentions", () => {
  const members = ["Ada Lovelace", "Bob", "Ádám", "Bo"].map((name): Member => ({
    user_id: name,
    name,
    role: "member",
  }));

  it("begin at an @ that begins a word", () => {
    expect(mentionAt("hi @bo", 6)).toEqual({ from: 3, to: 6, query: "bo" });
    expect(mentionAt("a@bo", 4)).toBeNull();
    expect(mentionAt("@ bo", 4)).toBeNull();
    expect(mentionAt("@a\nb", 4)).toBeNull();
  });

  it("find members by any word of the name, without accents, but not oneself", () => {
    const names = (query: string) => matchingMembers(members, query, "Bo", 5).map(({ name }) => name);
    expect(names("bo")).toEqual(["Bob"]);
    expect(names("LOVE")).toEqual(["Ada Lovelace"]);
    expect(names("ad")).toEqual(["Ada Lovelace", "Ádám"]);
  });

  it("take the place of what was written", () => {
    expect(withMention("hi @bo there", { from: 3, to: 6, query: "bo" }, "Bob")).toEqual({
      text: "hi @Bob there",
      caret: 8,
    });
  });
});

it("puts an emoji where the selection is", () => {
  expect(withInserted("abc", 1, 2, "😀")).toEqual({ text: "a😀c", caret: 3 });
});

it("counts the bytes that are left, near the limit only", () => {
  expect(bytesLeft("a".repeat(80), 100)).toBeNull();
  expect(bytesLeft("a".repeat(95), 100)).toBe(5);
  expect(bytesLeft("ö".repeat(60), 100)).toBe(-20);
});
