import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

/** The luminance of an `oklch(l c h)` colour, as WCAG 2 defines it; colours outside of sRGB are clipped. */
function luminance(colour: string): number {
  const parts = /oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/.exec(colour);
  if (!parts) throw new Error(`not an opaque colour: ${colour}`);
  const [lightness, chroma, hue] = parts.slice(1).map(Number) as [number, number, number];
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
  ].map((channel) => Math.min(1, Math.max(0, channel))) as [number, number, number];
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function token(name: string, theme: "light" | "dark"): string {
  const pair = new RegExp(`--color-${name}: light-dark\\((oklch\\([^)]*\\)), (oklch\\([^)]*\\))\\);`).exec(css);
  if (!pair) throw new Error(`no token ${name}`);
  return (theme === "light" ? pair[1] : pair[2]) ?? "";
}

function contrast(front: string, back: string, theme: "light" | "dark"): number {
  const [high, low] = [luminance(token(front, theme)), luminance(token(back, theme))].sort((x, y) => y - x) as [
    number,
    number,
  ];
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["page", "surface", "raised", "sunken"];
const words: [string, string][] = [
  ...["text", "text-soft", "text-faint", "accent-text", "danger-text"].flatMap((front) =>
    grounds.map((back): [string, string] => [front, back]),
  ),
  ["on-accent", "accent"],
  ["on-accent", "accent-hover"],
  ["on-accent-soft", "accent-soft"],
  ["text", "accent-soft"],
  ["text-soft", "accent-soft"],
  ["accent-text", "accent-soft"],
  ["on-danger", "danger"],
  ["on-danger", "danger-hover"],
  ["on-danger-soft", "danger-soft"],
  ["on-warning-soft", "warning-soft"],
  ["on-success-soft", "success-soft"],
  ["on-bubble", "bubble"],
  ["text-soft", "bubble"],
  ["accent-text", "bubble"],
  ["danger-text", "bubble"],
  ["on-bubble-own", "bubble-own"],
  ["bubble-own-soft", "bubble-own"],
  ["accent-text", "bubble-own"],
  ["text-faint", "bubble"],
  ["text", "code"],
  ["on-highlight", "highlight"],
  ["on-tooltip", "tooltip"],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((index): [string, string] => [`on-avatar-${index}`, `avatar-${index}`]),
];
const shapes: [string, string][] = [
  ...["edge", "accent", "focus", "danger", "success"].flatMap((front) =>
    grounds.map((back): [string, string] => [front, back]),
  ),
  ["focus", "accent-soft"],
  ["focus", "bubble"],
  ["focus", "bubble-own"],
];

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  it.each(words)("lets %s be read on %s", (front, back) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(shapes)("lets %s be seen on %s", (front, back) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(3);
  });
});
