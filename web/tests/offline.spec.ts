import { Person } from "./harness/person";
import { expect, test } from "./harness/test";

test("O1 without a network the app opens with what it has", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "0");
  await ben.sendMany(
    anna,
    Array.from({ length: 59 }, (_, index) => `message ${index + 1}`),
  );
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("message 59")).toBeVisible();
  await device.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await device.cut();
  await device.page.reload();
  await expect(device.row(conversation_id)).toBeVisible();
  await expect(device.message("message 59")).toBeVisible();
  expect(await device.messages.count()).toBeGreaterThanOrEqual(50);
  await device.wire.restore();
});

test("O3 five tabs have one socket, and the one that closes hands it over", async ({ own, browse }) => {
  const kith = await own();
  const [anna, ben] = [await Person.register(kith, "Anna"), await Person.register(kith, "Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("Hello")).toBeVisible();
  const tabs = [device.page];
  for (let number = 1; number < 5; number += 1) {
    const tab = await device.context.newPage();
    await tab.goto(`/c/${conversation_id}`);
    await expect(tab.getByTestId("message")).toHaveCount(1);
    tabs.push(tab);
  }
  expect(await kith.metric("kith_sockets")).toBe(1);
  await device.page.close();
  await ben.send(conversation_id, "Still there?");
  for (const tab of tabs.slice(1)) await expect(tab.getByTestId("message")).toHaveCount(2);
  expect(await kith.metric("kith_sockets")).toBe(1);
});

test("O4 signing out in one tab leaves nothing in any", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "A secret");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("A secret")).toBeVisible();
  const other = await device.context.newPage();
  await other.goto(`/c/${conversation_id}`);
  await expect(other.getByTestId("message")).toHaveCount(1);
  await device.open("/settings");
  await device.page.getByTestId("sign-out").click();
  const sure = device.page.locator("[role=dialog], [role=alertdialog]").getByRole("button", { name: /sign out/i });
  const form = device.page.getByTestId("sign-in-form");
  await expect(sure.or(form).first()).toBeVisible();
  if (await sure.isVisible()) await sure.click();
  await expect(form).toBeVisible();
  await expect(other.getByTestId("sign-in-form")).toBeVisible();
  // Whoever leaves does not say where they were.
  for (const page of [device.page, other]) await expect(page).toHaveURL(/\/sign-in$/);
  const left = await other.evaluate(async () => {
    const caches_left: string[] = [];
    for (const key of await caches.keys()) {
      for (const request of await (await caches.open(key)).keys()) caches_left.push(new URL(request.url).pathname);
    }
    return {
      databases: (await indexedDB.databases()).map((database) => database.name),
      storage: JSON.stringify([localStorage, sessionStorage]),
      caches: caches_left,
    };
  });
  expect(left.databases).toEqual([]);
  expect(left.storage).not.toMatch(/secret|token|conversation/i);
  expect(left.caches.filter((path) => !/^\/(assets\/|icons\/|favicon|manifest|index|theme|$)/.test(path))).toEqual([]);
  await other.goBack();
  await expect(other.getByText("A secret")).toHaveCount(0);
});
