// Fails if what a browser loads has grown beyond what was promised. Sizes are those of gzip, as in docs/BENCHMARKS.md.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url).pathname;
const KB = 1000;
const INITIAL_SCRIPT_BYTES_MAX = 90 * KB;
const INITIAL_STYLE_BYTES_MAX = 20 * KB;
const LAZY_CHUNK_BYTES_MAX = 60 * KB;

const manifest = JSON.parse(readFileSync(join(DIST, ".vite/manifest.json"), "utf8"));
const html = readFileSync(join(DIST, "index.html"), "utf8");
const named = Object.keys(manifest).filter((name) => html.includes(`src="/${manifest[name].file}"`));
if (named.length === 0) throw new Error("the page names no script");

const size = (file) => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length;
const sum = (files) => [...files].reduce((bytes, file) => bytes + size(file), 0);

/** What stands in the page, and what that imports before it runs. */
function initial(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const imported of manifest[name].imports ?? []) initial(imported, found);
  return found;
}

// The words of one language come with the page.
const first = [...named, "src/text/en.ts"].reduce((found, name) => initial(name, found), new Set());
const chunks = [...first].map((name) => manifest[name]);
const page = new Set(chunks.map((chunk) => chunk.file).filter((file) => file.endsWith(".js")));
const styles = new Set(chunks.flatMap((chunk) => chunk.css ?? []));
const lazy = new Set(Object.values(manifest).map((chunk) => chunk.file));
const scripts = readdirSync(join(DIST, "assets")).filter((name) => name.endsWith(".js"));
// The manifest does not list the workers, of which one has to be there before the first message: the largest counts.
const workers = scripts.map((name) => `assets/${name}`).filter((file) => !lazy.has(file));
const worker_bytes = Math.max(0, ...workers.map(size));
for (const file of page) lazy.delete(file);

const findings = [];
/** Says one size, and that it is too large if it is. */
function check(what, bytes, bytesMax) {
  process.stdout.write(`${what.padEnd(52)} ${(bytes / KB).toFixed(1).padStart(6)} of ${bytesMax / KB} KB\n`);
  if (bytes > bytesMax) findings.push(what);
}

const initial_bytes = sum(page) + worker_bytes;
check(
  `initial JS: page ${(sum(page) / KB).toFixed(1)} KB + worker ${(worker_bytes / KB).toFixed(1)} KB`,
  initial_bytes,
  INITIAL_SCRIPT_BYTES_MAX,
);
check("initial CSS", sum(styles), INITIAL_STYLE_BYTES_MAX);
for (const file of lazy) if (file.endsWith(".js")) check(`lazy ${file}`, size(file), LAZY_CHUNK_BYTES_MAX);
if (findings.length > 0) {
  process.stderr.write(`beyond the budget: ${findings.join(", ")}\n`);
  process.exitCode = 1;
}
