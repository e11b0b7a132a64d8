import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [solid()],
  worker: { format: "es" },
  build: { target: "es2022", manifest: true, modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: {
    proxy: Object.fromEntries(
      ["/conversation", "/conversations", "/blocked", "/group", "/login", "/logout", "/message", "/preferences", "/register", "/sessions", "/stats", "/system", "/token", "/user", "/users"]
        .map((path) => [path, "http://127.0.0.1:8080"] as const)
        .concat([]),
    ),
  },
  test: { include: ["src/**/*.test.{ts,tsx}", "packages/*/src/**/*.test.ts"], environment: "node" },
});
