import { PASSWORD } from "./harness/person";
import { expect, test } from "./harness/test";

test("L1 as many panes as there is room for, and back to the same place of the list", async ({ person, browse }) => {
  const anna = await person("Anna");
  const conversations: string[] = [];
  for (let number = 0; number < 25; number += 1) {
    const friend = await person(`Friend${number}`);
    conversations.push((await friend.send(anna, `Hello ${number}`)).conversation_id);
  }
  const device = await browse(anna, "/");
  const pane = (name: string): ReturnType<typeof device.page.getByTestId> => device.page.getByTestId(name);
  await device.row(conversations.at(-1) ?? "").click();
  await expect(device.messages.first()).toBeVisible();
  await device.page.setViewportSize({ width: 900, height: 800 });
  await expect(pane("pane-list")).toBeInViewport();
  await expect(pane("pane-main")).toBeInViewport();
  await device.page.setViewportSize({ width: 390, height: 844 });
  await expect(pane("pane-main")).toBeInViewport();
  await expect(pane("pane-list")).toHaveAttribute("inert");
  await device.page.getByTestId("pane-back").click();
  await expect(pane("pane-list")).toBeInViewport();
  await expect(pane("pane-list")).not.toHaveAttribute("inert");
  const list = device.page.getByTestId("conversation-list");
  await list.evaluate((element) => (element.scrollTop = 300));
  const stood = await list.evaluate((element) => element.scrollTop);
  await device.row(conversations[15] ?? "").click();
  await expect(device.message("Hello 15")).toBeVisible();
  await device.page.getByTestId("pane-back").click();
  await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBeCloseTo(stood, -0.5);
});

test("L2 a link to a message survives the sign-in", async ({ person, stranger }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const sent = await ben.send(anna, "This is the one");
  await ben.sendMany(
    anna,
    Array.from({ length: 80 }, (_, index) => `after ${index}`),
  );
  const device = await stranger();
  await device.open(`/c/${sent.conversation_id}/${sent.seq}`);
  const form = device.page.getByTestId("sign-in-form");
  await form.locator("input[autocomplete=username]").fill(anna.username);
  await form.locator("input[autocomplete=current-password]").fill(PASSWORD);
  await form.locator("input[autocomplete=current-password]").press("Enter");
  await expect(device.message("This is the one")).toBeInViewport();
  await expect(device.page).toHaveURL(new RegExp(`/c/${sent.conversation_id}/${sent.seq}$`));
});

test("L3 dark from the first frame, and the choice follows to the other device", async ({ person, browse }) => {
  const anna = await person("Anna");
  const one = await browse(anna, "/", { colorScheme: "dark" });
  const darkness = (device: typeof one): Promise<number> =>
    device.page.evaluate(() => {
      const pen = document.createElement("canvas").getContext("2d");
      if (!pen) return NaN;
      pen.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
      pen.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0] = pen.getImageData(0, 0, 1, 1).data;
      return red + green + blue;
    });
  await expect(one.page.getByTestId("conversation-list")).toBeVisible();
  expect(await darkness(one)).toBeLessThan(200);
  const two = await browse(anna, "/", { colorScheme: "light" });
  await expect(two.page.getByTestId("conversation-list")).toBeVisible();
  expect(await darkness(two)).toBeGreaterThan(600);
  await one.open("/settings/appearance");
  await one.page.locator('[data-testid=theme-option][data-theme="dark"]').click();
  await expect.poll(() => darkness(two)).toBeLessThan(200);
});

test("L4 nothing has to be scrolled sideways on the narrowest screens", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(
    anna,
    `A ${"very".repeat(80)} long word, and https://example.org/${"x".repeat(200)}`,
  );
  const device = await browse(anna, "/", { viewport: { width: 320, height: 640 } });
  for (const path of [
    "/",
    `/c/${conversation_id}`,
    "/settings",
    "/settings/profile",
    "/settings/appearance",
    "/settings/privacy",
    "/settings/devices",
    "/sign-up",
  ]) {
    await device.open(path);
    await expect(device.page.locator("main:visible, form:visible, nav:visible").first()).toBeVisible();
    const excess = await device.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(excess, path).toBeLessThanOrEqual(0);
  }
});

test("L5 from right to left everything is mirrored but the words", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  await anna.prefer({ language: "ar" });
  const { conversation_id } = await ben.send(anna, "hello שלום");
  await anna.send(ben, "مرحبا");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("hello שלום")).toBeVisible();
  await expect(device.page.locator("html")).toHaveAttribute("dir", "rtl");
  const box = async (name: string): Promise<{ x: number; width: number }> =>
    (await device.page.getByTestId(name).boundingBox()) ?? { x: 0, width: 0 };
  expect((await box("pane-list")).x).toBeGreaterThan((await box("pane-main")).x);
  await expect(device.message("hello שלום").getByTestId("message-text")).toHaveAttribute("dir", "auto");
  const [own, other] = [
    await device.message("مرحبا").getByTestId("message-text").boundingBox(),
    await device.message("hello שלום").getByTestId("message-text").boundingBox(),
  ];
  expect(own?.x ?? 0).toBeLessThan(other?.x ?? 0);
});

test("L6 every word comes from the messages of the language", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  await anna.prefer({ language: "en-XA" });
  const { conversation_id } = await ben.send(anna, "[by a person]");
  const device = await browse(anna, `/c/${conversation_id}`);
  for (const path of [`/c/${conversation_id}`, "/settings/appearance", "/settings/privacy", "/settings/devices"]) {
    await device.open(path);
    await expect(device.page.getByText("⟦").first()).toBeVisible();
    const bare = await device.page.evaluate(() => {
      const found: string[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        const text = node.textContent?.trim() ?? "";
        const parent = node.parentElement;
        // Names, messages and what is no word are nobody's translation.
        if (!/\p{L}{2}/u.test(text) || text.includes("⟦") || text.includes("⟧")) continue;
        if (
          parent === null ||
          parent.closest(
            "[data-testid=message-text], [data-testid=day-header], [data-testid=sticky-day], [dir=auto], bdi, kbd, code, time, script, style, noscript",
          ) !== null
        )
          continue;
        if (parent.checkVisibility()) found.push(text);
      }
      return found;
    });
    expect(
      bare.filter((text) => !/^(Anna|Ben|browser|api|\[by a person\]|English|Deutsch|Español|العربية|Kith)/.test(text)),
      path,
    ).toEqual([]);
  }
});

test("L7 the field stays above the keyboard of a phone", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "0");
  await ben.sendMany(
    anna,
    Array.from({ length: 30 }, (_, index) => `message ${index + 1}`),
  );
  // Whoever has read everything comes to the end, and not to the first unread message.
  await anna.ask("POST", `/conversation/${conversation_id}/read`, { seq: 31 });
  const device = await browse(anna, `/c/${conversation_id}`, {
    viewport: { width: 390, height: 844 },
  });
  await expect(device.message("message 30")).toBeInViewport();
  await device.field.click();
  await device.page.setViewportSize({ width: 390, height: 400 });
  await expect(device.message("message 30")).toBeInViewport();
  const box = await device.page.getByTestId("composer").boundingBox();
  expect((box?.y ?? 0) + (box?.height ?? 1_000)).toBeLessThanOrEqual(400);
});
