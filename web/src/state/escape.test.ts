import { expect, it } from "vitest";
import { escape, onEscape, type EscapeLevel } from "./escape";

it("closes one thing at a time, the uppermost first", () => {
  const open = new Set<EscapeLevel>(["conversation", "reply", "panel"]);
  const off = [...open].map((level) => onEscape(level, () => open.delete(level)));
  expect(escape()).toBe(true);
  expect([...open]).toEqual(["conversation", "panel"]);
  expect(escape()).toBe(true);
  expect([...open]).toEqual(["conversation"]);
  expect(escape()).toBe(true);
  expect(escape()).toBe(false);
  off.forEach((stop) => stop());
});
