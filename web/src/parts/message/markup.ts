import { LinkifyIt } from "linkify-it";

/** Text becomes a small tree; nothing in it is ever read as HTML. */
export type Block =
  | { kind: "paragraph"; content: Inline[] }
  | { kind: "quote"; content: Inline[] }
  | { kind: "code"; language: string; text: string };

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: Emphasis; content: Inline[] }
  | { kind: "link"; href: string; text: string }
  | { kind: "mention"; name: string };

export type Emphasis = "bold" | "italic" | "strike";

interface Mark {
  sign: string;
  kind: Emphasis;
}

// Two signs come before one, or `**` would be read as `*`.
const MARKS: Mark[] = [
  { sign: "**", kind: "bold" },
  { sign: "~~", kind: "strike" },
  { sign: "*", kind: "italic" },
  { sign: "_", kind: "italic" },
];
const FENCE = /^```([^\s`]{0,20})[^\n`]*\n([\s\S]*?)(?:\n?^```[^\S\n]*$|(?![\s\S]))/gm;
const CODE = /`([^`\n]+)`/g;
const WORD = /[\p{L}\p{N}]/u;
/** Deeper emphasis than this stays text: what renders it is recursive. */
const DEPTH_MAX = 6;
/** What can make a text more than its words. */
const SIGNS = /[*_~`>]/;
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

const linkify = new LinkifyIt({ fuzzyLink: true }).add("ftp:", null).add("//", null);

/** Reads a message. `names` are those that may stand after an `@`. */
export function parse(text: string, names: readonly string[] = []): Block[] {
  const blocks: Block[] = [];
  const longestFirst = [...names].sort((a, b) => b.length - a.length);
  let end = 0;
  for (const match of text.matchAll(FENCE)) {
    blocks.push(...paragraphs(text.slice(end, match.index), longestFirst));
    blocks.push({ kind: "code", language: match[1] ?? "", text: match[2] ?? "" });
    end = match.index + match[0].length;
  }
  return [...blocks, ...paragraphs(text.slice(end), longestFirst)];
}

/** The words alone, for previews, quotes and what is read aloud. */
export function plain(text: string): string {
  if (!SIGNS.test(text)) return text.trim().replace(/\s+/g, " ");
  return parse(text)
    .map((block) => (block.kind === "code" ? block.text : words(block.content)))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}

function words(content: Inline[]): string {
  return content
    .map((part) => {
      if ("content" in part) return words(part.content);
      return part.kind === "mention" ? `@${part.name}` : part.text;
    })
    .join("");
}

function paragraphs(text: string, names: string[]): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let quoted = false;
  const flush = () => {
    const joined = trimLines(lines.join("\n"));
    if (joined !== "") {
      blocks.push({ kind: quoted ? "quote" : "paragraph", content: inline(joined, names) });
    }
    lines = [];
  };
  for (const line of text.split("\n")) {
    const isQuote = /^> ?/.test(line);
    if (isQuote !== quoted) flush();
    quoted = isQuote;
    lines.push(isQuote ? line.replace(/^> ?/, "") : line);
  }
  flush();
  return blocks;
}

function trimLines(text: string): string {
  return text.replace(/^\s*\n|\s+$/g, "");
}

function inline(text: string, names: string[]): Inline[] {
  const content: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(CODE)) {
    content.push(...emphasised(text.slice(end, match.index), names));
    content.push({ kind: "code", text: match[1] ?? "" });
    end = match.index + match[0].length;
  }
  return [...content, ...emphasised(text.slice(end), names)];
}

interface Span {
  from: number;
  to: number;
  part: Inline;
}

function emphasised(text: string, names: string[]): Inline[] {
  const atoms = [...links(text), ...mentions(text, names)].sort((a, b) => a.from - b.from);
  return read(text, { from: 0, to: text.length, depth: 0 }, atoms);
}

interface Stretch {
  from: number;
  to: number;
  depth: number;
}

/** One pass over the text; a sign without its partner is looked for only once. */
function read(text: string, { from, to, depth }: Stretch, atoms: Span[]): Inline[] {
  const content: Inline[] = [];
  const missing = new Set<string>();
  let pending = from;
  let at = from;
  const take = (end: number, part: Inline) => {
    if (at > pending) content.push({ kind: "text", text: text.slice(pending, at) });
    content.push(part);
    at = pending = end;
  };
  let next = 0;
  while (at < to) {
    while (next < atoms.length && (atoms[next]?.from ?? 0) < at) next += 1;
    const atom = atoms[next];
    const mark = MARKS.find(({ sign }) => text.startsWith(sign, at) && !missing.has(sign));
    const close = mark === undefined || depth >= DEPTH_MAX ? -1 : closing(text, at, to, mark.sign, atoms);
    if (atom?.from === at && atom.to <= to) take(atom.to, atom.part);
    else if (mark !== undefined && close > 0) {
      const stretch = { from: at + mark.sign.length, to: close, depth: depth + 1 };
      const inner = read(text, stretch, atoms);
      take(close + mark.sign.length, { kind: mark.kind, content: inner });
    } else {
      if (mark !== undefined && opens(text, at, mark.sign)) missing.add(mark.sign);
      at += mark?.sign.length ?? 1;
    }
  }
  at = Math.min(at, to);
  if (at > pending) content.push({ kind: "text", text: text.slice(pending, at) });
  return content;
}

function opens(text: string, at: number, sign: string): boolean {
  const after = text[at + sign.length];
  if (after === undefined || after === sign[0] || /\s/.test(after)) return false;
  return !WORD.test(text[at - 1] ?? "");
}

/** Where the partner of the sign at this place stands, or -1. */
function closing(text: string, at: number, to: number, sign: string, atoms: Span[]): number {
  if (!opens(text, at, sign)) return -1;
  let place = text.indexOf(sign, at + sign.length + 1);
  while (place !== -1 && place + sign.length <= to) {
    const inAtom = atoms.some((atom) => place >= atom.from && place < atom.to);
    const tight = !/\s/.test(text[place - 1] ?? " ");
    if (tight && !inAtom && !WORD.test(text[place + sign.length] ?? "")) return place;
    place = text.indexOf(sign, place + 1);
  }
  return -1;
}

function links(text: string): Span[] {
  if (!/[:.@]/.test(text)) return [];
  return (linkify.match(text) ?? []).flatMap((match) => {
    const href = match.schema === "" ? match.url.replace(/^http:/, "https:") : match.url;
    if (!isSafe(href)) return [];
    const part: Inline = { kind: "link", href, text: match.raw };
    return [{ from: match.index, to: match.lastIndex, part }];
  });
}

function isSafe(href: string): boolean {
  return URL.canParse(href) && SCHEMES.has(new URL(href).protocol);
}

function mentions(text: string, names: string[]): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    if (WORD.test(text[at - 1] ?? "")) continue;
    const name = names.find((known) => text.startsWith(known, at + 1) && !WORD.test(text[at + 1 + known.length] ?? ""));
    if (name === undefined) continue;
    spans.push({ from: at, to: at + 1 + name.length, part: { kind: "mention", name } });
  }
  return spans;
}

// Keycaps, flags, pictures, and what joins or tints them. Unicode's own set of sequences takes too long to compile.
const EMOJI =
  /^(?:[#*0-9]\uFE0F?\u20E3|\p{RI}{2}|\p{Extended_Pictographic}[\u200D\uFE0F\u{1F3FB}-\u{1F3FF}\u{E0020}-\u{E007F}]*|\s)+$/u;
const LARGE_EMOJI_MAX = 6;

/** How many emoji a message of nothing else has; null if it has something else, or too many. */
export function emojiOnly(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > 120 || !EMOJI.test(trimmed)) return null;
  const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(trimmed);
  const count = [...segments].filter(({ segment }) => segment.trim() !== "").length;
  return count <= LARGE_EMOJI_MAX ? count : null;
}
