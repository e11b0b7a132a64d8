import { describe, expect, it } from "vitest";
import { isSingle, keysText, matches } from "./shortcuts";

const pressed = (key: string, modifiers = "") => ({
  key,
  code: "",
  ctrlKey: modifiers.includes("c"),
  metaKey: modifiers.includes("m"),
  altKey: modifiers.includes("a"),
  shiftKey: modifiers.includes("s"),
});

describe("a shortcut", () => {
  it.each([
    ["Mod+k", pressed("k", "c"), false, true],
    ["Mod+k", pressed("K", "c"), false, true],
    ["Mod+k", pressed("k", "m"), true, true],
    ["Mod+k", pressed("k", "c"), true, false],
    ["Mod+k", pressed("k"), false, false],
    ["Mod+k", pressed("k", "cs"), false, false],
    ["Alt+ArrowDown", pressed("ArrowDown", "a"), false, true],
    ["Alt+ArrowDown", pressed("ArrowDown", "as"), false, false],
    ["Alt+Shift+ArrowDown", pressed("ArrowDown", "as"), false, true],
    ["Alt+n", { ...pressed("Dead", "a"), code: "KeyN" }, true, true],
    ["?", pressed("?", "s"), false, true],
    ["?", pressed("?"), false, true],
    ["?", pressed("?", "c"), false, false],
  ])("%s meets %o (on a Mac: %s): %s", (keys, event, mac, met) => {
    expect(matches(keys, event, mac)).toBe(met);
  });

  it("is a single key without a modifier", () => {
    expect(isSingle("?")).toBe(true);
    expect(isSingle("Mod+/")).toBe(false);
  });

  it("is written as on the keyboard", () => {
    expect(keysText("Mod+k", false)).toBe("Ctrl+K");
    expect(keysText("Alt+Shift+ArrowDown", true)).toBe("⌥+⇧+↓");
  });
});
