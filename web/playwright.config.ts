import { defineConfig } from "@playwright/test";

/** Debian's Chromium, or whichever is named. */
const executablePath = process.env["KITH_CHROMIUM"] ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "tests",
  outputDir: "../target/browser",
  fullyParallel: false,
  forbidOnly: true,
  workers: 2,
  // A machine that does other work beside may be too slow once; what needs a second try is told as flaky.
  retries: process.env["CI"] === undefined ? 0 : 1,
  timeout: 45_000,
  expect: { timeout: 7_000 },
  reporter: [["list", { printSteps: false }]],
  use: {
    browserName: "chromium",
    launchOptions: { executablePath, args: ["--no-sandbox"] },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    viewport: { width: 1440, height: 900 },
    trace: "off",
  },
  projects: [
    { name: "checks", testIgnore: ["**/figures/**", "**/screenshots/**"] },
    { name: "figures", testDir: "tests/figures", timeout: 240_000 },
    { name: "screenshots", testDir: "tests/screenshots", timeout: 120_000 },
  ],
});
