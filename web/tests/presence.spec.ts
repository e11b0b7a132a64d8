import { expect, test } from "./harness/test";

test("P1 that somebody types is shown at once and forgotten soon", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const one = await browse(anna, `/c/${conversation_id}`);
  const other = await browse(ben, `/c/${conversation_id}`);
  await expect(other.message("Hello")).toBeVisible();
  await expect(one.message("Hello")).toBeVisible();
  await other.field.click();
  await other.field.pressSequentially("H");
  await expect(one.page.getByTestId("typing-line")).toContainText(/typing/);
  await expect(one.page.getByTestId("typing-line")).toBeHidden({ timeout: 8_000 });
});

test("P1 typing costs one frame in three seconds, and looking on costs none", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const one = await browse(anna, `/c/${conversation_id}`);
  const other = await browse(ben, `/c/${conversation_id}`);
  await expect(other.message("Hello")).toBeVisible();
  await expect(one.message("Hello")).toBeVisible();
  const typed = (): number => other.wire.said.filter(({ type }) => type === "typing").length;
  await other.field.click();
  const began_ms = Date.now();
  await other.field.pressSequentially("as many letters as somebody writes in one breath");
  await expect(one.page.getByTestId("typing-line")).toBeVisible();
  await expect.poll(typed).toBeGreaterThan(0);
  expect(typed()).toBeLessThanOrEqual(1 + Math.floor((Date.now() - began_ms) / 3_000));
  const heard = one.wire.said.length;
  await other.field.press("Enter");
  await expect(one.message("as many letters as somebody writes in one breath")).toBeVisible();
  // Whoever only reads says what was read, and that it arrived.
  const looked = one.wire.said.slice(heard).map(({ type }) => type);
  expect(looked.filter((type) => !["read", "delivered", "ack", "ping"].includes(type))).toEqual([]);
});

test("P2 whoever hides that they are there is not shown", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  await ben.prefer({
    privacy: { discoverable: true, show_presence: false, send_read_receipts: false },
  });
  const one = await browse(anna, `/c/${conversation_id}`);
  const other = await browse(ben, `/c/${conversation_id}`);
  await expect(other.message("Hello")).toBeVisible();
  await one.write("Are you there?");
  await expect(other.message("Are you there?")).toBeVisible();
  await other.write("No.");
  await expect(one.message("No.")).toBeVisible();
  await expect(one.message("Are you there?")).toHaveAttribute("data-state", "sent");
  await expect(one.page.getByTestId("pane-main").getByText(/online|last seen/i)).toHaveCount(0);
});

test("P3 what was missed without a connection comes once and in order", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "0");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("0")).toBeVisible();
  const banner = device.page.getByTestId("connection-banner");
  await device.cut();
  const words = Array.from({ length: 50 }, (_, index) => `word ${index + 1}`);
  await ben.sendMany(conversation_id, words);
  await expect(device.page.getByRole("status").filter({ has: banner })).toBeVisible();
  await expect(banner).toContainText("Reconnecting…");
  await device.wire.restore();
  await expect(device.message("word 50")).toBeVisible({ timeout: 20_000 });
  await expect(banner).toBeHidden();
  // It was said, to the ear too, that the connection was lost and is back.
  const back = device.page.getByTestId("back-banner");
  await expect(device.page.getByRole("status").filter({ has: back })).toBeVisible();
  await expect(back).toBeHidden();
  const shown = await device.page.getByTestId("message-text").allTextContents();
  expect(shown).toEqual(["0", ...words]);
});

test("P3 a device without a network is not said to be reconnecting", async ({ person, stranger }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await stranger();
  await device.signIn(anna);
  // Whether the machine of the test has a network is not what counts.
  await device.page.addInitScript(() => {
    Object.defineProperty(navigator, "onLine", { value: true, writable: true });
  });
  const tell = (state: "online" | "offline"): Promise<void> =>
    device.page.evaluate((state) => {
      Object.assign(navigator, { onLine: state === "online" });
      dispatchEvent(new Event(state));
    }, state);
  await device.open(`/c/${conversation_id}`);
  await expect(device.message("Hello")).toBeVisible();
  const banner = device.page.getByTestId("connection-banner");
  await device.cut();
  await expect(banner).toContainText("Reconnecting…");
  await tell("offline");
  await expect(banner).toContainText("No connection.");
  await tell("online");
  await expect(banner).toContainText("Reconnecting…");
  await device.wire.restore();
  await expect(banner).toBeHidden({ timeout: 20_000 });
});

test("P3 what is told while the code of the page is on its way is not lost", async ({ person, stranger }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await stranger();
  await device.signIn(anna);
  await device.page.clock.install();
  // The core is there, and connects, long before what shows it.
  const slow = await device.context.newCDPSession(device.page);
  const [latency, downloadThroughput, uploadThroughput] = [100, 40_000, 40_000];
  await slow.send("Network.enable");
  await slow.send("Network.emulateNetworkConditions", {
    offline: false,
    latency,
    downloadThroughput,
    uploadThroughput,
  });
  await device.open(`/c/${conversation_id}`);
  await expect(device.message("Hello")).toBeVisible();
  await device.page.clock.fastForward(5_000);
  await expect(device.page.getByTestId("connection-banner")).toBeHidden();
});

test("P3 the server restarts under the page", async ({ own, browse }) => {
  const kith = await own();
  const { Person } = await import("./harness/person");
  const [anna, ben] = [await Person.register(kith, "Anna"), await Person.register(kith, "Ben")];
  const { conversation_id } = await ben.send(anna, "Before");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("Before")).toBeVisible();
  device.watch.expectNetworkErrors();
  await kith.kill();
  await device.write("Written while it was down");
  await kith.start();
  await expect(device.message("Written while it was down")).toHaveAttribute("data-state", /sent|delivered|read/, {
    timeout: 20_000,
  });
  await ben.send(conversation_id, "After");
  await expect(device.message("After")).toBeVisible();
  const texts = (await ben.history(conversation_id)).map((message) => message.text);
  expect(texts).toEqual(["Before", "Written while it was down", "After"]);
});
