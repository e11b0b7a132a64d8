import { describe, expect, it } from "vitest";

import { emojiOnly, parse, plain } from "./markup";

const inlineOf = (text: string, names: string[] = []) => {
  const [block] = parse(text, names);
  return block !== undefined && "content" in block ? block.content : [];
};

describe("what a message is made of", () => {
  it("leaves plain words alone", () => {
    expect(parse("Hello, you")).toEqual([{ kind: "paragraph", content: [{ kind: "text", text: "Hello, you" }] }]);
  });

  it("keeps HTML as text", () => {
    expect(inlineOf("<img src=x onerror=alert(1)>")).toEqual([{ kind: "text", text: "<img src=x onerror=alert(1)>" }]);
  });

  it.each([
    ["**a**", "bold"],
    ["*a*", "italic"],
    ["_a_", "italic"],
    ["~~a~~", "strike"],
  ])("reads %s as %s", (text, kind) => {
    expect(inlineOf(text)).toEqual([{ kind, content: [{ kind: "text", text: "a" }] }]);
  });

  it("nests emphasis", () => {
    expect(inlineOf("**a _b_**")).toEqual([
      {
        kind: "bold",
        content: [
          { kind: "text", text: "a " },
          { kind: "italic", content: [{ kind: "text", text: "b" }] },
        ],
      },
    ]);
  });

  it.each(["snake_case_name", "2 * 3 * 4", "a ** b", "*open", "**", "____", "5*4*3"])(
    "leaves the signs of %s alone",
    (text) => {
      expect(inlineOf(text)).toEqual([{ kind: "text", text }]);
    },
  );

  it("reads nothing inside of code", () => {
    expect(inlineOf("`**a** http://b.com`")).toEqual([{ kind: "code", text: "**a** http://b.com" }]);
  });

  it("reads a fenced block with its language", () => {
    expect(parse("see\n```rust\nfn a() {}\n\nfn b() {}\n```\nso")).toEqual([
      { kind: "paragraph", content: [{ kind: "text", text: "see" }] },
      { kind: "code", language: "rust", text: "fn a() {}\n\nfn b() {}" },
      { kind: "paragraph", content: [{ kind: "text", text: "so" }] },
    ]);
  });

  it("reads a fence that was never closed to the end", () => {
    expect(parse("```\na\nb")).toEqual([{ kind: "code", language: "", text: "a\nb" }]);
  });

  it("reads quoted lines as one quote", () => {
    expect(parse("> a\n> b\nc").map(({ kind }) => kind)).toEqual(["quote", "paragraph"]);
  });
});

describe("links", () => {
  it("finds addresses and leaves the full stop", () => {
    expect(inlineOf("see https://kith.example/a_b_c.")).toEqual([
      { kind: "text", text: "see " },
      {
        kind: "link",
        href: "https://kith.example/a_b_c",
        text: "https://kith.example/a_b_c",
      },
      { kind: "text", text: "." },
    ]);
  });

  it("opens addresses without a scheme over https", () => {
    expect(inlineOf("example.com")).toEqual([{ kind: "link", href: "https://example.com", text: "example.com" }]);
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "ftp://a.example/b", "vbscript:x"])(
    "does not link %s",
    (text) => {
      expect(inlineOf(text).some(({ kind }) => kind === "link")).toBe(false);
    },
  );

  it("links mail addresses", () => {
    expect(inlineOf("a@b.com")).toEqual([{ kind: "link", href: "mailto:a@b.com", text: "a@b.com" }]);
  });
});

describe("mentions", () => {
  it("knows members by name, the longest first", () => {
    expect(inlineOf("hi @Ada Lovelace!", ["Ada", "Ada Lovelace"])).toEqual([
      { kind: "text", text: "hi " },
      { kind: "mention", name: "Ada Lovelace" },
      { kind: "text", text: "!" },
    ]);
  });

  it("does not know strangers, nor names inside of words", () => {
    expect(inlineOf("@Bob x@Ada", ["Ada"])).toEqual([{ kind: "text", text: "@Bob x@Ada" }]);
  });
});

it.each(["*", "_", "~", "`", "* ", "*a", "a_", "> ", "@", "```\n", "**a "])(
  "comes to an end with 16 KiB of %j",
  (sign) => {
    expect(parse(sign.repeat(16_384 / sign.length), ["Ada"]).length).toBeGreaterThanOrEqual(0);
  },
);

it("gives the words without the signs", () => {
  expect(plain("**a** `b`\n\nhttps://c.com @Ada")).toBe("a b https://c.com @Ada");
});

describe("messages of nothing but emoji", () => {
  it.each([
    ["😀", 1],
    ["👩‍👩‍👧 👍🏽", 2],
    ["❤️", 1],
    ["🇩🇪🇸🇦", 2],
  ])("counts %s", (text, count) => {
    expect(emojiOnly(text)).toBe(count);
  });

  it.each(["1", "a😀", "#", "", "😀😀😀😀😀😀😀"])("is not %s", (text) => {
    expect(emojiOnly(text)).toBeNull();
  });
});
