import { watchMiddle } from "./harness/scroll";
import { expect, test } from "./harness/test";

test("R1 mouse and keyboard reach the same actions", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "What shall we do?");
  const { page } = await browse(anna, `/c/${conversation_id}`);
  const row = page.getByTestId("message").first();
  await expect(row).toBeVisible();
  await row.click({ button: "right" });
  const menu = page.getByRole("menu");
  await expect(menu).toBeVisible();
  const by_mouse = await menu.getByRole("menuitem").allTextContents();
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
  await row.focus();
  await page.keyboard.press("Enter");
  await expect(menu).toBeVisible();
  expect(await menu.getByRole("menuitem").allTextContents()).toEqual(by_mouse);
  await page.keyboard.press("Escape");
  await expect(row).toBeFocused();
  await row.hover();
  await expect(row.getByTestId("message-toolbar")).toBeVisible();
});

test("R1 a finger that rests on a message reaches them too", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "What shall we do?");
  const device = await browse(anna, `/c/${conversation_id}`, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  const box = await device.message("What shall we do?").getByTestId("message-text").boundingBox();
  if (box === null) throw new Error("it is visible");
  const at = { x: box.x + 10, y: box.y + 10 };
  const finger = await device.context.newCDPSession(device.page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...points: (typeof at)[]): Promise<unknown> =>
    finger.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  const menu = device.page.getByRole("menu");

  await touch("touchStart", at);
  await expect(menu).toBeVisible();
  await touch("touchEnd");
  await expect(menu).toBeVisible();
  await menu.getByRole("menuitem", { name: /reply/i }).tap();
  await expect(menu).toBeHidden();
  await expect(device.page.getByTestId("reply-bar")).toContainText("What shall we do?");
});

test("R2 an answer shows what it answers; up in an empty field edits the last own message", async ({
  person,
  browse,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Tea or coffee?");
  const one = await browse(anna, `/c/${conversation_id}`);
  const other = await browse(ben, `/c/${conversation_id}`);
  await one.message("Tea or coffee?").click({ button: "right" });
  await one.page.getByRole("menuitem", { name: /reply/i }).click();
  await expect(one.page.getByTestId("reply-bar")).toContainText("Tea or coffee?");
  await one.write("Tea!");
  const answer = other.message("Tea!");
  await expect(answer.getByTestId("message-quote")).toContainText("Ben");
  await expect(answer.getByTestId("message-quote")).toContainText("Tea or coffee?");
  await one.field.press("ArrowUp");
  await expect(one.page.getByTestId("edit-bar")).toBeVisible();
  await expect(one.field).toHaveValue("Tea!");
  await one.page.keyboard.press("Escape");
  await expect(one.field).toHaveValue("");
  await one.field.fill("something");
  await one.field.press("ArrowUp");
  await expect(one.page.getByTestId("edit-bar")).toBeHidden();
});

test("R3 an edit is seen at once by the others, and says that it is one", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const sent = await ben.send(anna, "See you at fife");
  await ben.sendMany(
    anna,
    Array.from({ length: 30 }, (_, index) => `and ${index}`),
  );
  const device = await browse(anna, `/c/${sent.conversation_id}/${sent.seq}`);
  await expect(device.message("See you at fife")).toBeInViewport();
  const moved = await watchMiddle(device.page);
  await ben.edit(sent.message_id, "See you at five");
  const edited = device.message("See you at five");
  await expect(edited.getByTestId("message-edited")).toBeVisible({ timeout: 500 });
  expect(await moved()).toBeLessThanOrEqual(1);
});

test("R4 what is deleted can be kept for some seconds, and then is gone for all", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await anna.send(ben, "I should not have said this");
  const one = await browse(anna, `/c/${conversation_id}`);
  const other = await browse(ben, `/c/${conversation_id}`);
  const remove = async (): Promise<void> => {
    await one.message("I should not have said this").click({ button: "right" });
    await one.page.getByRole("menuitem", { name: /delete/i }).click();
    const sure = one.page.locator("[role=dialog], [role=alertdialog]");
    await sure.getByRole("button", { name: /delete/i }).click();
    await expect(sure).toBeHidden();
  };
  await remove();
  await one.page.getByRole("button", { name: /undo/i }).click();
  await expect(one.message("I should not have said this")).toBeVisible();
  await expect(other.message("I should not have said this")).toBeVisible();
  await remove();
  await expect(other.page.getByTestId("tombstone")).toBeVisible({ timeout: 10_000 });
  await expect(one.page.getByTestId("tombstone")).toBeVisible();
  const [message] = await ben.history(conversation_id);
  expect(message?.text ?? null).toBeNull();
  expect(message?.deleted).toBe(true);
});

test("R6 a reaction is there at once, counts, and is taken back", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const sent = await ben.send(anna, "We did it!");
  const one = await browse(anna, `/c/${sent.conversation_id}`);
  const other = await browse(ben, `/c/${sent.conversation_id}`);
  await one.message("We did it!").hover();
  await one.page.getByTestId("message-toolbar").getByRole("button", { name: /react/i }).click();
  await one.page.getByTestId("quick-reaction").first().click();
  const chip = one.message("We did it!").getByTestId("reaction");
  await expect(chip).toHaveAttribute("aria-pressed", "true");
  await expect(other.message("We did it!").getByTestId("reaction")).toBeVisible();
  const emoji = await chip.getAttribute("data-emoji");
  await ben.react(sent.message_id, emoji ?? "");
  await expect(chip).toContainText("2");
  await chip.click();
  await expect(chip).toHaveAttribute("aria-pressed", "false");
  await expect(other.message("We did it!").getByTestId("reaction")).toContainText("1");
});

test("R7 the emoji come when they are wanted, are found by name, and are chosen by keyboard", async ({
  person,
  browse,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("Hello")).toBeVisible();
  const asked: string[] = [];
  device.page.on("request", (request) => asked.push(request.url()));
  await device.page.getByTestId("composer").getByRole("button", { name: /emoji/i }).click();
  const picker = device.page.getByTestId("emoji-picker");
  await expect(picker).toBeVisible();
  await picker.getByTestId("emoji-search").fill("heart");
  await expect(picker.locator('[data-emoji^="❤"]').first()).toBeVisible();
  await device.page.keyboard.press("ArrowDown");
  await device.page.keyboard.press("ArrowRight");
  await device.page.keyboard.press("Enter");
  await expect(device.field).not.toHaveValue("");
});

test("R8 several messages are chosen, copied and deleted together", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await anna.send(ben, "one");
  await anna.sendMany(ben, ["two", "three"]);
  const device = await browse(anna, `/c/${conversation_id}`, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await device.message("one").click({ button: "right" });
  await device.page.getByRole("menuitem", { name: /select/i }).click();
  const bar = device.page.getByTestId("selection-bar");
  await expect(bar).toBeVisible();
  await device.message("two").click();
  await device.message("three").click();
  await bar.getByTestId("selection-copy").click();
  const copied = await device.page.evaluate(() => navigator.clipboard.readText());
  for (const word of ["one", "two", "three", "Anna"]) expect(copied).toContain(word);
  if (await bar.isVisible()) await device.page.keyboard.press("Escape");
  await expect(bar).toBeHidden();
});

test("R8 what was chosen is deleted together, and Escape chooses nothing", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await anna.send(ben, "one");
  await anna.sendMany(ben, ["two", "three", "four"]);
  const one = await browse(anna, `/c/${conversation_id}`);
  const other = await browse(ben, `/c/${conversation_id}`);
  const bar = one.page.getByTestId("selection-bar");
  const choose = async (): Promise<void> => {
    await one.message("one").click({ button: "right" });
    await one.page.getByRole("menuitem", { name: /select/i }).click();
    await one.message("two").press("Enter");
    await one.message("three").press(" ");
    await expect(bar).toContainText("3");
  };
  await choose();
  await one.page.keyboard.press("Escape");
  await expect(bar).toBeHidden();
  await choose();
  await bar.getByTestId("selection-delete").click();
  await one.page
    .getByRole("alertdialog")
    .getByRole("button", { name: /delete/i })
    .click();
  await expect(other.page.getByTestId("tombstone")).toHaveCount(3, { timeout: 10_000 });
  await expect(one.page.getByTestId("tombstone")).toHaveCount(3);
  await expect(other.message("four")).toBeVisible();
});

test("R4 a text that is deleted goes from wherever it is looked at or answered", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const sent = await ben.send(anna, "I should not have said this");
  await anna.send(sent.conversation_id, "Why?", sent.message_id);
  const device = await browse(anna, `/c/${sent.conversation_id}`);
  const { page } = device;
  await expect(device.message("Why?").getByTestId("message-quote")).toContainText("I should not");
  await device.message("I should not have said this").click({ button: "right" });
  await page.getByRole("menuitem", { name: /reply/i }).click();
  await expect(page.getByTestId("reply-bar")).toContainText("I should not");
  await device.field.fill("An answer on its way");
  await device.message("I should not have said this").click({ button: "right" });
  await expect(page.getByRole("menu")).toBeVisible();

  await ben.remove(sent.message_id);
  await expect(page.getByTestId("tombstone")).toBeVisible();
  await expect(page.getByText("I should not")).toHaveCount(0);
  await expect(page.getByRole("menuitem", { name: /copy text/i })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(device.field).toHaveValue("An answer on its way");
  await device.field.press("Enter");
  await expect(device.message("An answer on its way")).toHaveAttribute("data-state", /sent|delivered|read/);
});
