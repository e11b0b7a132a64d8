import { expect, test } from "./harness/test";

test("S1 a message is in the list at once and says that it is being sent", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Are you there?");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("Are you there?")).toBeVisible();
  await device.field.click();
  await device.field.fill("Yes, I am.");
  device.wire.hold();
  await device.field.press("Enter");
  const own = device.message("Yes, I am.");
  await expect(own).toHaveAttribute("data-state", "sending");
  await expect(device.field).toHaveValue("");
  await expect(device.field).toBeFocused();
  device.wire.release();
  await expect(own).toHaveAttribute("data-state", "sent");
});

test("S2 sent, delivered, read: as it happens", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const one = await browse(anna, `/c/${conversation_id}`);
  await expect(one.message("Hello")).toBeVisible();
  await one.write("How are you?");
  const own = one.message("How are you?");
  await expect(own).toHaveAttribute("data-state", "sent");
  const other = await browse(ben, "/");
  await expect(own).toHaveAttribute("data-state", "delivered");
  await other.row(conversation_id).click();
  await expect(other.message("How are you?")).toBeVisible();
  await expect(own).toHaveAttribute("data-state", "read");
});

test("S3 what was written without a network survives a reload and arrives once, in order", async ({
  person,
  browse,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("Hello")).toBeVisible();
  await device.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await device.cut();
  const words = ["one", "two", "three", "four", "five"];
  for (const word of words) await device.write(word);
  await expect(device.message("five")).toHaveAttribute("data-state", /queued|sending/);
  await device.page.reload();
  for (const word of words) await expect(device.message(word)).toBeVisible();
  await device.wire.restore();
  await expect(device.message("five")).toHaveAttribute("data-state", "sent", { timeout: 20_000 });
  const texts = (await ben.history(conversation_id)).map((message) => message.text);
  expect(texts).toEqual(["Hello", ...words]);
});

test("S4 a lost answer makes no second message", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("Hello")).toBeVisible();
  device.wire.lose();
  await device.write("Only once");
  await expect
    .poll(async () => (await ben.history(conversation_id)).map((message) => message.text))
    .toEqual(["Hello", "Only once"]);
  await device.cut();
  await device.wire.restore();
  await expect(device.message("Only once")).toHaveAttribute("data-state", "sent", {
    timeout: 20_000,
  });
  await expect(device.message("Only once")).toHaveCount(1);
  expect(await ben.history(conversation_id)).toHaveLength(2);
});

test("S5 a refusal says why, and can be tried again or thrown away", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  await expect(device.message("Hello")).toBeVisible();
  await ben.ask("PUT", `/user/${anna.user_id}/block`);
  await device.write("Can you hear me?");
  const own = device.message("Can you hear me?");
  await expect(own).toHaveAttribute("data-state", "failed");
  await ben.ask("DELETE", `/user/${anna.user_id}/block`);
  await own.getByTestId("message-retry").click();
  await expect(own).toHaveAttribute("data-state", "sent");
  await ben.ask("PUT", `/user/${anna.user_id}/block`);
  await device.write("And now?");
  await device.message("And now?").getByTestId("message-discard").click();
  await expect(device.message("And now?")).toHaveCount(0);
  expect(await ben.history(conversation_id)).toHaveLength(2);
});

test("S6 a draft stays with its conversation, over a reload and on the other device", async ({ person, browse }) => {
  const [anna, ben, eve] = [await person("Anna"), await person("Ben"), await person("Eve")];
  const with_ben = (await ben.send(anna, "From Ben")).conversation_id;
  const with_eve = (await eve.send(anna, "From Eve")).conversation_id;
  const device = await browse(anna, `/c/${with_ben}`);
  await device.field.click();
  await device.field.pressSequentially("Half a thou");
  await device.row(with_eve).click();
  await expect(device.field).toHaveValue("");
  await expect(device.row(with_ben)).toContainText("Half a thou");
  await device.row(with_ben).click();
  await expect(device.field).toHaveValue("Half a thou");
  await device.page.reload();
  await expect(device.field).toHaveValue("Half a thou");
});

test("S7 Enter sends, or begins a line: as it was chosen; never while words are composed", async ({
  person,
  browse,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, `/c/${conversation_id}`);
  await device.field.click();
  await device.field.pressSequentially("one");
  await device.field.press("Shift+Enter");
  await device.field.pressSequentially("two");
  await expect(device.field).toHaveValue("one\ntwo");
  const client = await device.context.newCDPSession(device.page);
  await device.field.fill("");
  await client.send("Input.imeSetComposition", {
    text: "にほん",
    selectionStart: 3,
    selectionEnd: 3,
  });
  await device.field.dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
  await client.send("Input.insertText", { text: "日本" });
  await expect(device.field).toHaveValue("日本");
  // The Enter that ends a composition comes right behind it, and sends nothing.
  await expect(async () => {
    await device.field.press("Enter");
    await expect(device.field).toHaveValue("", { timeout: 200 });
  }).toPass();
  await expect(device.message("日本")).toHaveAttribute("data-state", "sent");
});

test("S7 with the other setting Enter begins a line and Ctrl+Enter sends", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const { conversation_id } = await ben.send(anna, "Hello");
  const device = await browse(anna, "/settings/keyboard");
  await device.page.getByText("Ctrl+Enter", { exact: true }).click();
  await anna.hasChosen("send_key", "ctrl-enter");
  await device.open(`/c/${conversation_id}`);
  await device.field.click();
  await device.field.pressSequentially("one");
  await device.field.press("Enter");
  await device.field.pressSequentially("two");
  await expect(device.field).toHaveValue("one\ntwo");
  await expect(device.messages).toHaveCount(1);
  await device.field.press("Control+Enter");
  await expect(device.field).toHaveValue("");
  await expect.poll(async () => (await ben.history(conversation_id)).map(({ text }) => text)).toContain("one\ntwo");
});

test("S8 a name is completed from the keyboard, and code stays as it was written", async ({ person, browse }) => {
  const [anna, ben, bo, eve] = [await person("Anna"), await person("Ben"), await person("Bo"), await person("Eve")];
  const group = await ben.group("Sunday walk", [anna, bo, eve]);
  const device = await browse(anna, `/c/${group}`);
  const list = device.page.getByTestId("mention-list");
  await device.field.click();
  await device.field.pressSequentially("Ask @b");
  await expect(list.getByRole("option")).toHaveCount(2);
  await device.field.press("ArrowDown");
  await expect(list.getByRole("option").nth(1)).toHaveAttribute("aria-selected", "true");
  const second = await list.getByRole("option").nth(1).locator("bdi").textContent();
  await device.field.press("Enter");
  await expect(device.field).toHaveValue(`Ask @${second ?? ""} `);
  await expect(list).toBeHidden();
  await device.field.press("Enter");
  await expect(device.messages.last().locator(".markup-mention")).toHaveText(`@${second ?? ""}`);

  const code = 'fn main() {\n    println!("<b>{}</b>", 1);\n}';
  await device.field.fill("```rust\n" + code + "\n```");
  await device.field.press("Enter");
  const block = device.messages.last().locator("pre");
  await expect(block).toHaveText(code);
  expect(await block.evaluate((pre) => getComputedStyle(pre).whiteSpace)).toBe("pre");

  const long = "a line that goes on and on\n".repeat(120).trim();
  await ben.send(group, long);
  const folded = device.messages.last();
  await folded.getByRole("button", { name: "Show more" }).click();
  await expect(folded.getByRole("button", { name: "Show less" })).toHaveAttribute("aria-expanded", "true");
  expect(await folded.getByTestId("message-text").evaluate((text) => text.scrollHeight - text.clientHeight)).toBe(0);
  await folded.getByRole("button", { name: "Show less" }).click();
  await expect(folded.getByTestId("message-text")).toHaveAttribute("data-folded");
});

test("S9 whatever is written is only text", async ({ person, browse }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")];
  const hostile = [
    '<img src=x onerror="alert(1)">',
    "javascript:alert(1)",
    '<a href="javascript:alert(1)">here</a>',
    "[here](javascript:alert(1))",
    "<script>alert(1)</script>",
    "```html\n<img src=x onerror=alert(1)>\n```",
  ];
  const { conversation_id } = await ben.send(anna, "Look:");
  await ben.sendMany(conversation_id, hostile);
  const device = await browse(anna, "/");
  device.page.on("dialog", () => {
    expect(false, "nothing may run").toBe(true);
  });
  await device.row(conversation_id).click();
  await expect(device.messages).toHaveCount(hostile.length + 1);
  await expect(device.list.locator("img[onerror], script, a[href^='javascript:']")).toHaveCount(0);
  await ben.send(conversation_id, "See https://example.org/a?b=1 and 5 < 6");
  const link = device.list.getByRole("link", { name: /example\.org/ });
  await expect(link).toHaveAttribute("href", "https://example.org/a?b=1");
  await expect(link).toHaveAttribute("rel", /noopener/);
});
