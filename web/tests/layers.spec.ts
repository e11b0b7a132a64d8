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

test("L1 details that were closed beside the conversation stay closed", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  const { page } = device;
  await details(page).getByRole("button", { name: "Close" }).click();
  await page.reload();
  await expect(device.message("Hello")).toBeVisible();
  await expect(details(page)).toBeHidden();
  await openDetails(device);
  await page.reload();
  await expect(details(page)).toBeVisible();
});

test("on a phone a conversation that was open before comes with its messages, in the very frame", async ({
  person,
  browse,
}) => {
  const anna = await person("Anna");
  const friends = [await person("Ben"), await person("Eve")];
  const talks: string[] = [];
  // One of them is read to its end, the other one opens at its first unread message.
  for (const friend of friends) {
    talks.push((await friend.send(anna, `Hello from ${friend.name}`)).conversation_id);
    await friend.sendMany(
      anna,
      Array.from({ length: 39 }, (_, index) => `message ${index + 1}`),
    );
  }
  await anna.ask("POST", `/conversation/${talks[0] ?? ""}/read`, { seq: 40 });
  await anna.ask("POST", `/conversation/${talks[1] ?? ""}/read`, { seq: 10 });
  const device = await browse(anna, "/", PHONE);
  const { page } = device;
  const open = async (talk: string): Promise<number> => {
    const empty = emptyFrames(page);
    await device.row(talk).tap();
    return empty;
  };
  const leave = async (): Promise<void> => {
    await page.getByTestId("pane-back").tap();
    await expect(device.row(talks[0] as string)).toBeInViewport();
  };
  for (const talk of talks) {
    await open(talk);
    await leave();
  }
  const slow = await device.context.newCDPSession(page);
  await slow.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  for (const talk of [...talks, ...talks]) {
    expect(await open(talk), "frames with an open conversation and none of its messages").toBe(0);
    await leave();
  }
});

/** Looks at every frame until there is a message in view, and says how many showed a conversation without one. */
function emptyFrames(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let empty = 0;
        const look = (): void => {
          const list = document.querySelector("[data-view=conversation] [data-testid=message-list]");
          const bounds = list?.getBoundingClientRect();
          const rows = [...(list?.querySelectorAll("[data-testid=message]") ?? [])].map((row) =>
            row.getBoundingClientRect(),
          );
          if (bounds && rows.some(({ top, bottom }) => bottom > bounds.top && top < bounds.bottom)) {
            resolve(empty);
            return;
          }
          if (list) empty += 1;
          requestAnimationFrame(look);
        };
        look();
      }),
  );
}
