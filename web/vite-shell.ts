import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { Plugin } from "vite";

const worker = "sw.js";

/** Writes into the service worker which files this version consists of. */
export function shellList(): Plugin {
  return {
    name: "shell-list",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const built = Object.keys(bundle).filter((name) => name !== worker && !name.startsWith(".vite/"));
        const files = [...new Set([...built, "index.html", ...publicFiles("public")])].sort();
        const contents = files.map((name) => {
          const file = bundle[name];
          if (file === undefined) return name === "index.html" ? "" : readFileSync(`public/${name}`);
          return file.type === "chunk" ? file.code : file.source;
        });
        const version = createHash("sha256")
          .update(files.join())
          .update(Buffer.concat(contents.map((one) => Buffer.from(one))));
        const chunk = bundle[worker];
        if (chunk?.type !== "chunk") throw new Error("the service worker was not built");
        const list = { version: version.digest("hex").slice(0, 16), files: files.map((name) => `/${name}`) };
        chunk.code = `const SHELL=${JSON.stringify(list)};${chunk.code}`;
      },
    },
  };
}

/**
 * Which style wins over which is decided where the layers are first named, and which of the style files a page loads
 * first is not known: so each of them begins with the order.
 */
export function layerOrder(): Plugin {
  const order = readFileSync("src/style/layers.css", "utf8").trim();
  return {
    name: "layer-order",
    apply: "build",
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === "asset" && file.fileName.endsWith(".css")) file.source = `${order}${String(file.source)}`;
      }
    },
  };
}

function publicFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1));
}
