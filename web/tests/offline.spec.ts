import type { Device } from "./harness/device";
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

test("O2 a new version waits until it is wanted, and takes nothing that was written", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  const { page } = device;
  await expect(device.message("Hello")).toBeVisible();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  const versions = (): Promise<string[]> => page.evaluate(() => caches.keys());
  expect(await versions()).toHaveLength(1);

  const present = await (await device.context.request.get("/sw.js")).text();
  const next = present.replace(/(["']?version["']?:["'`])[0-9a-f]{16}/, "$1next");
  expect(next).not.toBe(present);
  device.wire.replace("/sw.js", next);
  await device.field.click();
  await device.field.pressSequentially("Half a ");
  await page.evaluate(() => {
    (window as unknown as { same: boolean }).same = true;
    return navigator.serviceWorker.getRegistration().then((found) => found?.update().then(() => undefined));
  });
  const banner = page.getByTestId("update-banner");
  await expect(banner).toBeVisible();
  await device.field.pressSequentially("thought");
  await expect(device.field).toHaveValue("Half a thought");
  expect(await page.evaluate(() => (window as unknown as { same?: boolean }).same)).toBe(true);
  expect(await versions()).toHaveLength(2);

  await banner.getByRole("button").click();
  await expect(banner).toBeHidden();
  await expect(device.field).toHaveValue("Half a thought");
  expect(await page.evaluate(() => (window as unknown as { same?: boolean }).same)).toBeUndefined();
  await expect.poll(versions).toHaveLength(2);
});

test("O2 a page that was opened with the former version finds its files for a week", async ({ person, browse }) => {
  test.slow();
  const anna = await person("Anna");
  const device = await browse(anna, "/");
  const { page } = device;
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  const versions = (): Promise<string[]> => page.evaluate(() => caches.keys());
  const [former = ""] = await versions();

  const present = await (await device.context.request.get("/sw.js")).text();
  const chunk = /"(\/assets\/Settings-[^"]+\.js)",/.exec(present)?.[1] ?? "";
  const next = present.replace(/(["']?version["']?:["'`])[0-9a-f]{16}/, "$1next").replace(`"${chunk}",`, "");
  expect(next).not.toContain(chunk);
  device.wire.replace("/sw.js", next);
  await page.evaluate(() =>
    navigator.serviceWorker
      .getRegistration()
      .then((found) => found?.update())
      .then(() => undefined),
  );
  const other = await device.context.newPage();
  await other.goto("/");
  await other.getByTestId("update-banner").getByRole("button").click();
  const workers = (): Promise<string> =>
    page.evaluate(async () => {
      const { installing, waiting, active } = await navigator.serviceWorker.ready;
      return [installing, waiting, active].map((worker) => worker?.state ?? "none").join(" ");
    });
  // The browser lets the new version in once the former one rests.
  await expect.poll(workers, { timeout: 20_000 }).toBe("none none activated");
  await expect
    .poll(() =>
      page.evaluate(
        (name) => caches.match("/replaced", { cacheName: name }).then((mark) => mark !== undefined),
        former,
      ),
    )
    .toBe(true);

  // The server does not have it any more.
  await device.cut();
  expect(await page.evaluate((chunk) => fetch(chunk).then(({ status }) => status), chunk)).toBe(200);
  await page.reload();
  await expect(page.getByTestId("conversation-list")).toBeVisible();
  expect(await versions()).toEqual([former, "kith-shell-next"]);

  await page.evaluate(async (name) => {
    const days_ms = 24 * 60 * 60_000;
    await (await caches.open(name)).put("/replaced", new Response(String(Date.now() - 8 * days_ms)));
  }, former);
  await page.reload();
  await expect.poll(versions).toEqual(["kith-shell-next"]);
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

/** How many rows of a conversation the browser keeps. */
function kept({ page }: Device, conversation: string): Promise<number> {
  return page.evaluate(
    (conversation) =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open("kith");
        opening.onerror = () => reject(new Error("the database does not open"));
        opening.onsuccess = () => {
          const all = IDBKeyRange.bound([conversation, 0], [conversation, Infinity]);
          const counting = opening.result.transaction("items").objectStore("items").count(all);
          counting.onsuccess = () => {
            opening.result.close();
            resolve(counting.result);
          };
        };
      }),
    conversation,
  );
}

/** Stands before the core: a device on which there is room for a few more messages only if others are dropped. */
const FULL = `{
  const { put, delete: drop } = IDBObjectStore.prototype;
  let room = 10;
  IDBObjectStore.prototype.put = function (...args) {
    if (this.name === "items" && (room -= 1) < 0) throw new DOMException("no room", "QuotaExceededError");
    return put.apply(this, args);
  };
  IDBObjectStore.prototype.delete = function (...args) {
    if (this.name === "items") room = 1000;
    return drop.apply(this, args);
  };
}`;

test("O5 without room on the device the least used conversations go, and nothing else stops", async ({
  person,
  stranger,
}) => {
  const [anna, ben, eve] = [await person("Anna"), await person("Ben"), await person("Eve")];
  const old = (await eve.send(anna, "Hello from Eve")).conversation_id;
  const { conversation_id } = await ben.send(anna, "Hello from Ben");
  const device = await stranger();
  await device.signIn(anna);
  const files = await (await device.context.request.get("/sw.js")).text();
  const worker = /\/assets\/shared-worker[^"'`]+\.js/.exec(files)?.[0] ?? "";
  device.wire.replace(worker, FULL + (await (await device.context.request.get(worker)).text()));

  await device.open(`/c/${old}`);
  await expect.poll(() => kept(device, old)).toBe(1);
  await device.row(conversation_id).click();
  await expect(device.message("Hello from Ben")).toBeVisible();
  await expect.poll(() => kept(device, conversation_id)).toBe(1);
  await ben.sendMany(
    anna,
    Array.from({ length: 20 }, (_, index) => `news ${index}`),
  );
  await expect(device.message("news 19")).toBeVisible();
  await expect.poll(() => kept(device, old)).toBe(0);
  await expect.poll(() => kept(device, conversation_id)).toBeGreaterThan(20);
  await device.write("I can still answer");
  await expect(device.message("I can still answer")).toHaveAttribute("data-state", /sent|delivered|read/);
  await device.row(old).click();
  await expect(device.message("Hello from Eve")).toBeVisible();
});
