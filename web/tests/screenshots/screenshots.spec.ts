/** Makes the pictures of README.md. */

import { mkdirSync } from "node:fs";

import { Kith } from "../harness/kith";
import { Person } from "../harness/person";
import { expect, test } from "../harness/test";
import { days } from "./days";

const FOLDER = new URL("../../../docs/screenshots/", import.meta.url).pathname;

let kith: Kith;
let mira: Person;

test.beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  kith = await Kith.start(days(Date.now()));
  mira = await Person.known(kith, "Mira Lindqvist", "mira");
});

test.afterAll(async () => {
  await kith.dispose();
});

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

test("a group, light and dark", async ({ browse }) => {
  for (const colorScheme of ["light", "dark"] as const) {
    const device = await browse(mira, "/", { colorScheme, viewport: DESKTOP, reducedMotion: "reduce" });
    await device.rowNamed("Cabin weekend").click();
    await expect(device.messages.last()).toBeInViewport();
    await device.page.screenshot({ path: `${FOLDER}group-${colorScheme}.png` });
  }
});

test("on a phone", async ({ browse }) => {
  const device = await browse(mira, "/", { viewport: PHONE, reducedMotion: "reduce" });
  await expect(device.rowNamed("Cabin weekend")).toBeVisible();
  await device.page.screenshot({ path: `${FOLDER}phone-list.png` });
  await device.rowNamed("Cabin weekend").click();
  await expect(device.messages.last()).toBeInViewport();
  await device.page.mouse.move(0, 0);
  await device.page.screenshot({ path: `${FOLDER}phone-conversation.png` });
});

test("from right to left", async ({ browse }) => {
  const leila = await Person.known(kith, "Leila Haddad", "leila");
  await leila.prefer({ language: "ar", theme: "dark" });
  const device = await browse(leila, "/", { viewport: DESKTOP, reducedMotion: "reduce" });
  await device.rowNamed("Cabin weekend").click();
  await expect(device.messages.last()).toBeInViewport();
  await device.page.screenshot({ path: `${FOLDER}right-to-left.png` });
});

test("found with the keyboard", async ({ browse }) => {
  const device = await browse(mira, "/", { viewport: DESKTOP, reducedMotion: "reduce" });
  await device.rowNamed("Cabin weekend").click();
  await expect(device.messages.last()).toBeInViewport();
  await device.page.keyboard.press("Control+k");
  await expect(device.page.getByTestId("switcher").getByRole("option").first()).toBeVisible();
  await device.page.screenshot({ path: `${FOLDER}switcher.png` });
});
