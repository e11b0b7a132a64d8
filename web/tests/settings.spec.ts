import type { Device } from "./harness/device";
import { expect, test } from "./harness/test";

test("T1 a revoked device is signed out within two seconds", async ({ person, browse }) => {
  const anna = await person("Anna");
  const [one, two] = [await browse(anna, "/settings/devices"), await browse(anna, "/")];
  await expect(two.page.getByTestId("conversation-list")).toBeVisible();
  await one.page.reload();
  const others = one.page.getByTestId("session-row").filter({ has: one.page.getByTestId("session-revoke") });
  await expect(others).toHaveCount(2);
  two.watch.expectNetworkErrors();
  for (let left = 2; left > 0; left -= 1) {
    await others.first().getByTestId("session-revoke").click();
    const sure = one.page
      .locator("[role=dialog], [role=alertdialog]")
      .getByRole("button", { name: /sign out|revoke|end/i });
    await sure.click();
    await expect(others).toHaveCount(left - 1);
  }
  await expect(two.page.getByTestId("sign-in-form")).toBeVisible({ timeout: 2_000 });
});

test("T5 what is read on one device is not counted on the other", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const [one, two] = [await browse(anna, "/"), await browse(anna, "/")];
  await expect(one.row(conversation_id).getByTestId("unread-badge")).toHaveText(/1/);
  await expect(one.page).toHaveTitle(/1/);
  await two.row(conversation_id).click();
  await expect(two.message("Hello")).toBeVisible();
  await expect(one.row(conversation_id).getByTestId("unread-badge")).toBeHidden();
  await expect(one.page).not.toHaveTitle(/1/);
});

test("whoever is blocked is listed, and can be let in again", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  await ben.send(anna, "Hello");
  await anna.ask("PUT", `/user/${ben.user_id}/block`);
  const device = await browse(anna, "/settings/blocked");
  const blocked = device.page.getByTestId("blocked-person").filter({ hasText: "Ben" });
  await blocked.getByRole("button", { name: /unblock/i }).click();
  await expect(blocked).toHaveCount(0);
  await ben.send(anna, "Thank you");
});

test("T3 what was chosen just before the only tab is closed is not lost", async ({ person, browse }) => {
  const anna = await person("Anna");
  const device = await browse(anna, "/settings/appearance");
  const dark = device.page.locator('[data-testid=theme-option][data-theme="dark"]');
  await expect(dark).toBeVisible();
  await device.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await device.cut();
  await dark.click();
  await expect.poll(() => chosen(device)).toMatchObject({ theme: "dark" });
  await device.page.close();
  await device.wire.restore();
  const next = await device.context.newPage();
  await next.goto("/settings/appearance");
  await expect(next.locator("html")).toHaveAttribute("data-theme", "dark");
  const kept = async (): Promise<unknown> => ((await anna.ask("GET", "/preferences")) as { theme: string }).theme;
  await expect.poll(kept, { timeout: 20_000 }).toBe("dark");
});

/** What this browser keeps for the server. */
function chosen({ page }: Device): Promise<unknown> {
  return page.evaluate(
    () =>
      new Promise<unknown>((resolve, reject) => {
        const opening = indexedDB.open("kith");
        opening.onerror = () => reject(new Error("the database does not open"));
        opening.onsuccess = () => {
          const reading = opening.result.transaction("state").objectStore("state").get("state");
          reading.onsuccess = () => {
            opening.result.close();
            resolve((reading.result as { chosen?: unknown } | undefined)?.chosen);
          };
        };
      }),
  );
}
