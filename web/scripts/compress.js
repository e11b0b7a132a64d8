// Puts a compressed form beside each file of dist that becomes clearly smaller, so that the server never compresses.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url).pathname;
const COMPRESSIBLE = /\.(html|js|css|json|svg|webmanifest|txt)$/;
/** A form has to be smaller than this part of the original. */
const WORTH_IT = 0.9;

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
const forms = { br: brotli, gz: (bytes) => gzipSync(bytes, { level: 9 }) };

for (const name of readdirSync(DIST, { recursive: true })) {
  if (name.startsWith(".") || !COMPRESSIBLE.test(name)) continue;
  const path = join(DIST, name);
  const bytes = readFileSync(path);
  for (const [ending, compress] of Object.entries(forms)) {
    const compressed = compress(bytes);
    if (compressed.length < bytes.length * WORTH_IT) writeFileSync(`${path}.${ending}`, compressed);
  }
}
