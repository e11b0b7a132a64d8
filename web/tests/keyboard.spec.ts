import type { Device } from "./harness/device";
import { Person } from "./harness/person";
import { DAY_MS, MINUTE_MS, story, words, type Step } from "./harness/story";
import { expect, test } from "./harness/test";

const FRIENDS = 50;

/** Anna, to whom fifty friends have written; the last ones are not read yet. */
function manyFriends(): ReturnType<typeof story> {
  const now_ms = Date.now();
  const friends = Array.from({ length: FRIENDS }, (_, index) => ({
    username: `friend${index}`,
    name: `Friend ${index}`,
  }));
  const steps = friends.flatMap(({ username }, index): Step[] => {
    const at_ms = now_ms - DAY_MS + index * MINUTE_MS;
    const said: Step = {
      at_ms,
      by: username,
      do: "say",
      to: "anna",
      text: `Hello from ${index}`,
    };
    const read: Step = { at_ms, by: "anna", do: "read", of: username };
    return index % 10 === 5 ? [said] : [said, read];
  });
  const long = Array.from({ length: 40 }, (_, index): Step => ({
    at_ms: now_ms - (40 - index) * 1_000,
    by: "friend49",
    do: "say",
    to: "anna",
    text: words(index),
  }));
  steps.push(...long, { at_ms: now_ms, by: "anna", do: "read", of: "friend49" });
  return story([{ username: "anna", name: "Anna" }, ...friends], steps);
}

test.describe("with fifty conversations", () => {
  test("K1 K3 the switcher finds, and Alt with the arrows walks", async ({ own, browse }) => {
    const kith = await own(manyFriends());
    const device = await browse(await Person.known(kith, "Anna", "anna"), "/");
    await expect(device.rowNamed("Friend 49")).toBeVisible();
    await device.rowNamed("Friend 49").click();
    await expect(device.field).toBeFocused();

    await device.page.keyboard.press("Control+k");
    const switcher = device.page.getByTestId("switcher");
    await expect(switcher.getByRole("combobox").or(switcher.getByRole("textbox"))).toBeFocused();
    await device.page.keyboard.type("Frend 17");
    await expect(switcher.getByRole("option").first()).toContainText("Friend 17");
    await device.page.keyboard.press("Escape");
    await expect(switcher).toBeHidden();
    await expect(device.field).toBeFocused();
    await device.page.keyboard.press("Control+k");
    await device.page.keyboard.type("Friend 17");
    await expect(switcher.getByRole("option").first()).toContainText("Friend 17");
    await device.page.keyboard.press("Enter");
    await expect(device.message("Hello from 17")).toBeVisible();

    await device.page.keyboard.press("Control+k");
    await device.page.keyboard.type("Friend 49");
    await expect(switcher.getByRole("option").first()).toContainText("Friend 49");
    await device.page.keyboard.press("Enter");
    const active = device.page.locator("[data-testid=conversation-row][aria-current=page]");
    for (let number = 48; number > 30; number -= 1) {
      await device.page.keyboard.press("Alt+ArrowDown");
      await expect(active).toContainText(`Friend ${number}`);
      await expect(active).toBeInViewport();
    }
    await device.page.keyboard.press("Alt+Shift+ArrowDown");
    await expect(active).toContainText("Friend 25");
  });

  test("K3 the keys of the list work from the empty field", async ({ own, browse }) => {
    const kith = await own(manyFriends());
    const device = await browse(await Person.known(kith, "Anna", "anna"), "/");
    await device.rowNamed("Friend 49").click();
    await expect(device.messages.last()).toBeInViewport();
    await expect(device.field).toBeFocused();
    const top = (): Promise<number> => device.list.evaluate((list) => list.scrollTop);
    for (const key of ["PageUp", "PageDown", "Home", "End"]) {
      const before = await top();
      await device.page.keyboard.press(key);
      await expect.poll(top, { message: key }).not.toBe(before);
      await expect(device.field).toBeFocused();
    }
  });
});

test("K4 the sheet of shortcuts opens outside of fields, and single keys can be switched off", async ({
  person,
  browse,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  const sheet = device.page.getByTestId("keyboard-sheet");
  await device.field.click();
  await device.page.keyboard.type("?");
  await expect(device.field).toHaveValue("?");
  await expect(sheet).toBeHidden();
  await device.page.keyboard.press("Control+/");
  await expect(sheet).toBeVisible();
  await device.page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await device.field.fill("");
  await device.messages.first().focus();
  await device.page.keyboard.type("?");
  await expect(sheet).toBeVisible();
});

test("K5 Escape closes one layer at a time, from the top", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  await device.message("Hello").click({ button: "right" });
  await device.page.getByRole("menuitem", { name: /reply/i }).click();
  await expect(device.page.getByTestId("reply-bar")).toBeVisible();
  await device.message("Hello").click({ button: "right" });
  await expect(device.page.getByRole("menu")).toBeVisible();
  await device.page.keyboard.press("Escape");
  await expect(device.page.getByRole("menu")).toBeHidden();
  await expect(device.page.getByTestId("reply-bar")).toBeVisible();
  await device.page.keyboard.press("Escape");
  await expect(device.page.getByTestId("reply-bar")).toBeHidden();
  await expect(device.list).toBeVisible();
  const details = device.page.getByTestId("details-panel");
  await expect(details).toBeVisible();
  await device.page.keyboard.press("Escape");
  await expect(details).toBeHidden();
  await device.page.keyboard.press("Escape");
  await expect(device.page).toHaveURL(/\/$/);
});

test("K6 a key marks a conversation as read, on all devices", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const [one, two] = [await browse(anna, "/"), await browse(anna, "/")];
  const badge = (device: Device): ReturnType<Device["row"]> => device.row(conversation_id).getByTestId("unread-badge");
  await expect(badge(one)).toBeVisible();
  await expect(badge(two)).toBeVisible();
  await one.row(conversation_id).focus();
  await one.page.keyboard.press("r");
  await expect(badge(one)).toBeHidden();
  await expect(badge(two)).toBeHidden();
});

test("K6 the same keys hold for the conversation that is open", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, words(0));
  await ben.sendMany(
    anna,
    Array.from({ length: 40 }, (_, index) => words(index)),
  );
  await anna.ask("POST", `/conversation/${conversation_id}/read`, { seq: 41 });
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.messages.last()).toBeInViewport();
  await device.messages.last().focus();
  await device.page.keyboard.press("Home");
  const latest = device.page.getByTestId("jump-to-latest");
  await expect(latest).toBeVisible();
  await ben.send(anna, "one more");
  await expect(latest).toHaveText("1");
  await device.page.keyboard.press("r");
  await expect(latest).toHaveText("");
  await device.page.keyboard.press("m");
  const muted = device.row(conversation_id).getByText("muted");
  await expect(muted).toBeAttached();
  await device.page.keyboard.press("m");
  await expect(muted).not.toBeAttached();
});

test("a shortcut holds as soon as Escape has closed a menu", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  for (const open of [device.message("Hello"), device.row(conversation_id)]) {
    await open.click({ button: "right" });
    await expect(device.page.getByRole("menu")).toBeVisible();
    // Both keys in one turn, as from a hand that is fast.
    await Promise.all([device.page.keyboard.press("Escape"), device.page.keyboard.press("Control+k")]);
    await expect(device.page.getByTestId("switcher")).toBeVisible();
    await device.page.keyboard.press("Escape");
    await expect(device.page.getByTestId("switcher")).toBeHidden();
  }
});
