import type { Page } from "@playwright/test";

import type { Device } from "./harness/device";
import { expect, test } from "./harness/test";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const details = (page: Page): ReturnType<Page["getByTestId"]> => page.getByTestId("details-panel");

async function openDetails({ page }: Device): Promise<void> {
  await page.getByTestId("conversation").locator("header").getByRole("button", { expanded: false }).click();
  await expect(details(page)).toBeVisible();
}

test("L1 on a phone Back closes what lies on top, and only then leaves the conversation", async ({
  person,
  browse,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, "/", PHONE);
  const { page } = device;
  await device.row(conversation_id).click();
  await expect(device.message("Hello")).toBeVisible();

  await openDetails(device);
  await page.goBack();
  await expect(details(page)).toBeHidden();
  await expect(device.message("Hello")).toBeVisible();

  await openDetails(device);
  await details(page).getByRole("button", { name: "Block" }).click();
  const question = page.getByRole("alertdialog");
  await expect(question).toBeVisible();
  await page.goBack();
  await expect(question).toBeHidden();
  await expect(details(page)).toBeVisible();
  await page.goBack();
  await expect(details(page)).toBeHidden();

  await device.message("Hello").click({ button: "right" });
  await expect(page.getByTestId("message-menu")).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId("message-menu")).toBeHidden();
  await expect(page).toHaveURL(new RegExp(`/c/${conversation_id}$`));
  await page.goBack();
  await expect(page).toHaveURL(/\/$/);
});

test("L1 what was closed by its own button costs no press of Back", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, "/", PHONE);
  const { page } = device;
  await device.row(conversation_id).click();
  for (let round = 0; round < 2; round += 1) {
    await openDetails(device);
    await details(page).getByRole("button", { name: "Close" }).click();
    await expect(details(page)).toBeHidden();
  }
  await page.goBack();
  await expect(page).toHaveURL(/\/$/);
  await expect(device.row(conversation_id)).toBeVisible();
});
