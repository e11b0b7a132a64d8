import AxeBuilder from "@axe-core/playwright";

import type { Device } from "./harness/device";
import type { Person } from "./harness/person";
import { expect, test } from "./harness/test";

const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  (["en", "ar"] as const).map((language) => ({ colorScheme, language })),
);

async function check(device: Device, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: device.page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(
    grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`),
    what,
  ).toEqual([]);
}

async function conversation(person: (name: string) => Promise<Person>): Promise<{ anna: Person; id: string }> {
  const [anna, ben, eve] = [await person("Anna"), await person("Ben"), await person("Eve")];
  const id = await ben.group("Sunday walk", [anna, eve]);
  const sent = await ben.send(id, "Shall we walk on Sunday? https://example.org");
  await anna.send(id, "Yes! `code` and **more**", sent.message_id);
  await eve.react(sent.message_id, "👍");
  await ben.send(id, "שלום");
  return { anna, id };
}

for (const { colorScheme, language } of LOOKS) {
  test(`X1 no barrier in ${colorScheme}, ${language}`, async ({ person, browse, stranger }) => {
    test.setTimeout(180_000);
    const { anna, id } = await conversation(person);
    await anna.prefer({ language });
    const options = {
      colorScheme,
      locale: language === "ar" ? "ar" : "en-GB",
      reducedMotion: "reduce" as const,
    };
    const outside = await stranger(undefined, options);
    for (const path of ["/sign-in", "/sign-up"]) {
      await outside.open(path);
      await expect(outside.page.locator("form")).toBeVisible();
      await check(outside, path);
    }
    const device = await browse(anna, "/", options);
    await expect(device.row(id)).toBeVisible();
    await check(device, "the list");
    await device.row(id).click();
    await expect(device.messages.first()).toBeVisible();
    await check(device, "a conversation");
    await device.messages.last().click({ button: "right" });
    await expect(device.page.getByRole("menu")).toBeVisible();
    await check(device, "a menu");
    await device.page.keyboard.press("Escape");
    await expect(device.page.getByRole("menu")).toBeHidden();
    await device.page.locator(".composer-box button").click();
    await expect(device.page.getByTestId("emoji-picker").locator("[data-emoji]").first()).toBeVisible();
    await check(device, "the emoji");
    await device.page.keyboard.press("Escape");
    await device.field.fill("@");
    await expect(device.page.getByTestId("mention-list")).toBeVisible();
    await check(device, "the names");
    await device.field.fill("");
    await device.page.locator(".reaction-who").first().click();
    await expect(device.page.getByTestId("reactions-dialog")).toBeVisible();
    await check(device, "who reacted");
    await device.page.keyboard.press("Escape");
    await device.page.getByTestId("own-menu").click();
    await expect(device.page.getByRole("menu")).toBeVisible();
    await check(device, "the own menu");
    await device.page.getByRole("menuitem").nth(1).click();
    await expect(device.page.getByTestId("new-group-dialog")).toBeVisible();
    await check(device, "a new group");
    await device.page.keyboard.press("Escape");
    await device.page.keyboard.press("Alt+n");
    await expect(device.page.getByRole("dialog")).toBeVisible();
    await check(device, "a new conversation");
    await device.page.keyboard.press("Escape");
    await device.page.getByTestId("own-menu").click();
    await device.page.getByRole("menuitem").last().click();
    await expect(device.page.getByRole("alertdialog")).toBeVisible();
    await check(device, "a question");
    await device.page.keyboard.press("Escape");
    await expect(device.page.getByRole("alertdialog")).toBeHidden();
    await device.page.keyboard.press("Control+k");
    await expect(device.page.getByTestId("switcher")).toBeVisible();
    await check(device, "the switcher");
    await device.page.keyboard.press("Escape");
    await device.page.keyboard.press("Control+/");
    await expect(device.page.getByTestId("keyboard-sheet")).toBeVisible();
    await check(device, "the shortcuts");
    await device.page.keyboard.press("Escape");
    for (const section of ["profile", "appearance", "privacy", "devices", "blocked"]) {
      await device.open(`/settings/${section}`);
      await expect(device.page.getByRole("heading").first()).toBeVisible();
      await check(device, section);
    }
  });
}

test("X2 messages are named, numbered, and walked through with the arrows", async ({ person, browse }) => {
  const { anna, id } = await conversation(person);
  const device = await browse(anna, `/c/${id}`);
  const rows = device.messages;
  await expect(rows.last()).toBeVisible();
  const names = await rows.evaluateAll((all) => all.map((row) => row.getAttribute("aria-label") ?? row.textContent));
  expect(names[0]).toContain("Ben");
  for (const [index, row] of (await rows.all()).entries()) {
    await expect(row, `row ${index}`).toHaveAttribute("aria-posinset", /^\d+$/);
    await expect(row).toHaveAttribute("aria-setsize", /^-?\d+$/);
  }
  await rows.last().focus();
  await device.page.keyboard.press("ArrowUp");
  await expect(rows.nth((await rows.count()) - 2)).toBeFocused();
  expect(await rows.evaluateAll((all) => all.filter((row) => row.tabIndex === 0).length)).toBe(1);
});

test("X3 many messages are announced as a few", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("Hello")).toBeVisible();
  await device.page.evaluate(() => {
    const region = document.querySelector("[data-testid=live-region]") as Element;
    const heard: string[] = [];
    (window as unknown as { heard: string[] }).heard = heard;
    new MutationObserver(() => heard.push(region.textContent)).observe(region, {
      childList: true,
      subtree: true,
      characterData: true,
    });
  });
  await ben.sendMany(
    anna,
    Array.from({ length: 20 }, (_, index) => `word ${index}`),
  );
  await expect(device.message("word 19")).toBeVisible();
  const heard = (): Promise<string[]> => device.page.evaluate(() => (window as unknown as { heard: string[] }).heard);
  await expect.poll(async () => (await heard()).some((text) => /\d/.test(text))).toBe(true);
  expect((await heard()).length).toBeLessThan(20);
});

test("X3 messages are announced with author and words, also twice the same, unless that is switched off", async ({
  person,
  browse,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("Hello")).toBeVisible();
  const region = device.page.getByTestId("live-region");
  for (let time = 1; time <= 2; time += 1) {
    await ben.send(anna, "Ping");
    await expect(region).toHaveText("Ben: Ping");
    await expect(region).toBeEmpty();
  }
  await device.page.keyboard.press("Control+,");
  await device.page.getByRole("link", { name: /keyboard/i }).click();
  const announces = device.page.getByRole("switch", { name: /announce/i });
  await expect(announces).toBeChecked();
  await announces.click({ force: true });
  await expect(announces).not.toBeChecked();
  await anna.hasChosen("announce_messages", false);
  await device.open(`/c/${conversation_id}`);
  await expect(device.message("Hello")).toBeVisible();
  await region.evaluate((element) => {
    new MutationObserver(() => (element.dataset["spoke"] = "")).observe(element, {
      childList: true,
      subtree: true,
      characterData: true,
    });
  });
  await ben.send(anna, "Not to be said");
  await expect(device.message("Not to be said")).toBeVisible();
  await ben.send(anna, "Nor this");
  await expect(device.message("Nor this")).toBeVisible();
  await expect(region).not.toHaveAttribute("data-spoke");
  await expect(region).toBeEmpty();
});

test("X4 X5 what has the focus is seen, and nothing is too small to hit", async ({ person, browse }) => {
  const { anna, id } = await conversation(person);
  const device = await browse(anna, `/c/${id}`);
  await expect(device.messages.last()).toBeVisible();
  for (let stop = 0; stop < 40; stop += 1) {
    await device.page.keyboard.press("Tab");
    const hidden = await device.page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      if (element === document.body) return null;
      const { left, top, width, height } = element.getBoundingClientRect();
      const at = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 20));
      return at !== null && (element.contains(at) || at.contains(element)) ? null : element.outerHTML.slice(0, 200);
    });
    expect(hidden).toBeNull();
  }
  const small = await device.page.evaluate(() => {
    const all = [
      ...document.querySelectorAll<HTMLElement>(
        "button, a[href], input, select, textarea, [role=button], [role=menuitem]",
      ),
    ];
    return all
      .filter(
        (element) =>
          element.checkVisibility({ opacityProperty: true }) && element.closest("[data-testid=message-text]") === null,
      )
      .map((element) => ({
        box: element.getBoundingClientRect(),
        html: element.outerHTML.slice(0, 120),
      }))
      .filter(({ box }) => box.width > 1 && (box.width < 24 || box.height < 24))
      .map(({ html }) => html);
  });
  expect(small).toEqual([]);
});

test("X6 nothing has to be dragged", async ({ person, browse }) => {
  const { anna, id } = await conversation(person);
  const device = await browse(anna, "/");
  // Whatever listens for a drag, or takes a pointer for itself, needs a way without it, and a test of that way here.
  await device.page.addInitScript(() => {
    const dragged: string[] = [];
    (window as unknown as { dragged: string[] }).dragged = dragged;
    const listen = Reflect.get(EventTarget.prototype, "addEventListener") as (...args: unknown[]) => void;
    EventTarget.prototype.addEventListener = function (this: EventTarget, name: string, ...rest: unknown[]) {
      if (/^drag(start)?$/.test(name)) dragged.push(name);
      Reflect.apply(listen, this, [name, ...rest]);
    };
    Element.prototype.setPointerCapture = () => void dragged.push("a pointer that is captured");
  });
  for (const path of [`/c/${id}`, "/settings/profile", "/settings/appearance"]) {
    await device.open(path);
    await expect(device.page.getByRole("heading").first()).toBeVisible();
    expect(await device.page.evaluate(() => (window as unknown as { dragged: string[] }).dragged)).toEqual([]);
    await expect(device.page.locator("[draggable=true], input[type=range], [role=slider]")).toHaveCount(0);
  }
});

test("X8 nothing moves for whoever wants it so", async ({ person, browse }) => {
  const { anna, id } = await conversation(person);
  const device = await browse(anna, `/c/${id}`, { reducedMotion: "reduce" });
  await expect(device.messages.last()).toBeVisible();
  const moving = (): Promise<string[]> =>
    device.page.evaluate(() =>
      document
        .getAnimations()
        .filter((animation) => {
          const effect = animation.effect as KeyframeEffect | null;
          return (
            animation.playState === "running" &&
            Number(effect?.getComputedTiming().duration ?? 0) > 10 &&
            (effect?.getKeyframes() ?? []).some(
              (frame) => "transform" in frame || "translate" in frame || "insetInlineStart" in frame,
            )
          );
        })
        .map((animation) => (animation.effect as KeyframeEffect | null)?.target?.className ?? ""),
    );
  expect(await moving()).toEqual([]);
  await device.page.keyboard.press("Control+k");
  await expect(device.page.getByTestId("switcher")).toBeVisible();
  expect(await moving()).toEqual([]);
});

test("X8 without motion a pane is painted in one go, not one level of elements after the other", async ({
  person,
  browse,
}) => {
  const { anna, id } = await conversation(person);
  const device = await browse(anna, `/c/${id}`, { reducedMotion: "reduce" });
  const words = device.messages.last().getByTestId("message-text");
  await expect(words).toBeVisible();
  const transitions = await words.evaluate((text) => {
    const pane = text.closest<HTMLElement>(".pane-main");
    const visibility = (value: string) => {
      if (pane) pane.style.visibility = value;
      return getComputedStyle(text).visibility;
    };
    const seen = [visibility("hidden"), visibility("visible")];
    return { seen, running: document.getAnimations().filter((one) => one instanceof CSSTransition).length };
  });
  expect(transitions).toEqual({ seen: ["hidden", "visible"], running: 0 });
});
