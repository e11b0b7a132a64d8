import { describe, expect, it } from "vitest";
import { openingOf } from "./opening";

describe("what an address opens", () => {
  it.each([
    ["/c/d1", { conversation: "d1", place: { unread: true } }],
    ["/c/d1/42", { conversation: "d1", place: { around: 42 } }],
    ["/c/d1/", { conversation: "d1", place: { unread: true } }],
    ["/c/d1/latest", null],
    ["/settings", null],
    ["/", null],
  ])("%s", (pathname, opening) => {
    expect(openingOf(pathname)).toEqual(opening);
  });
});
