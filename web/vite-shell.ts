import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

type Graph = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

/**
 * What the page needs before its first paint comes in one piece: many small ones are larger together, and what views
 * that come later share with it would otherwise be split off.
 */
export function inOnePiece(id: string, graph: Graph): string | null {
  const [begin, main] = ["src/core/begin.ts", "src/main.tsx"].map((name) =>
    reached(join(import.meta.dirname, name), graph),
  );
  return main?.has(id) && !begin?.has(id) ? "app" : null;
}

function reached(id: string, graph: Graph, found = new Set<string>()): Set<string> {
  if (found.has(id)) return found;
  found.add(id);
  for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) reached(imported, graph, found);
  return found;
}

/** What a tab runs first does not wait for what else the page needs: see `src/core/begin.ts`. */
export function beginning(): Plugin {
  return {
    name: "beginning",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {} }) {
        const chunk = Object.values(bundle).find((file) => file.type === "chunk" && file.name === "begin");
        if (chunk?.type !== "chunk") throw new Error("what a tab runs first was not built");
        if (chunk.imports.length > 0) throw new Error(`what a tab runs first waits for ${chunk.imports.join()}`);
        const attrs = { type: "module", async: true, crossorigin: true, src: `/${chunk.fileName}` };
        return [{ tag: "script", attrs, injectTo: "head-prepend" }];
      },
    },
  };
}

function publicFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1));
}
