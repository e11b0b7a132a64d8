import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

import { emojiData } from "./emoji-data.ts";
import { beginning, inOnePiece, layerOrder, shellList } from "./vite-shell.ts";

/** Where the server listens while the client is developed. */
const server = process.env["KITH_SERVER"] ?? "http://127.0.0.1:8080";
const api = [
  "blocked",
  "conversation",
  "conversations",
  "group",
  "healthz",
  "login",
  "logout",
  "message",
  "preferences",
  "readyz",
  "register",
  "sessions",
  "socket",
  "stats",
  "system",
  "token",
  "user",
  "users",
];

export default defineConfig({
  plugins: [solid(), emojiData(), layerOrder(), beginning(), shellList()],
  worker: { format: "es" },
  build: {
    target: "es2022",
    cssTarget: ["chrome125", "firefox128", "safari17.5"],
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: "index.html", begin: "src/core/begin.ts", sw: "src/sw/worker.ts" },
      output: {
        codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: inOnePiece }] },
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  server: {
    proxy: {
      [`^/(${api.join("|")})(/|\\?|$)`]: { target: server, ws: true, changeOrigin: false },
    },
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}", "packages/*/src/**/*.test.ts"],
    environment: "node",
  },
});
