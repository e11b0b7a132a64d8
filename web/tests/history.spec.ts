import { Kith } from "./harness/kith";
import { Person } from "./harness/person";
import { places, scroll, watchMiddle } from "./harness/scroll";
import { longTalk, MINUTE_MS, story, type Step } from "./harness/story";
import { expect, test } from "./harness/test";

const MESSAGES = 10_000;
/** As much as a fast turn of a wheel. */
const STEP_PX = 400;

let kith: Kith;
let anna: Person;
let ben: Person;
let talk: string;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  kith = await Kith.start(longTalk(MESSAGES));
  anna = await Person.known(kith, "Anna Berg", "anna");
  ben = await Person.known(kith, "Ben Adler", "ben");
  const [last] = await anna.history(ben.user_id, "limit=1");
  talk = (last as { message_id: string }).message_id.split("-")[0] as string;
});

test.afterAll(async () => {
  await kith.dispose();
});

test("H1 H9 nothing jumps over six hundred steps of ten thousand messages", async ({ browse }) => {
  test.setTimeout(120_000);
  const { page, messages } = await browse(anna, `/c/${talk}`);
  await expect(messages.last()).toBeVisible();
  const up = await scroll(page, 400, -STEP_PX);
  const down = await scroll(page, 200, STEP_PX);
  expect(up.worst_px).toBeLessThanOrEqual(1);
  expect(down.worst_px).toBeLessThanOrEqual(1);
  expect(up.first_seq).toBeLessThan(MESSAGES - 700);
  expect(Math.max(up.rows_max, down.rows_max)).toBeLessThanOrEqual(150);
  expect(Math.max(up.nodes_max, down.nodes_max)).toBeLessThanOrEqual(2_500);
});

test("H1 H4 nor while messages arrive, are edited, deleted and reacted to above", async ({ browse }) => {
  test.setTimeout(120_000);
  const { page, messages } = await browse(anna, `/c/${talk}`);
  await expect(messages.last()).toBeVisible();
  await scroll(page, 20, -STEP_PX);
  const trouble = async (deed: number, first: number): Promise<void> => {
    // Far enough above that it is not in view when it happens, and of Ben's.
    const seq = first - 40 - ((first - 40) % 3);
    const message = `${talk}-${seq}`;
    const own = (await anna.ask("GET", `/message/${message}`)) as {
      sender_id: string;
      deleted: boolean;
    };
    if (own.sender_id !== ben.user_id || own.deleted) await ben.send(talk, `new ${deed}`);
    else if (deed % 3 === 0) await ben.remove(message);
    else if (deed % 3 === 1) await ben.edit(message, `edited ${"again ".repeat(deed % 50)}`);
    else await ben.react(message, "👍");
  };
  // Each deed has its own steps, in which it arrives: none begins before the page has taken the one before.
  for (let deed = 1; deed <= 25; deed += 1) {
    const { first } = await places(page);
    const [up] = await Promise.all([scroll(page, 8, -STEP_PX), trouble(deed, first)]);
    expect(up.worst_px).toBeLessThanOrEqual(1);
  }
  const after = await scroll(page, 8, -STEP_PX);
  expect(after.worst_px).toBeLessThanOrEqual(1);
});

test("H2 whatever arrives while one reads back is counted and moves nothing", async ({ browse }) => {
  // The server takes a place beyond the end for the end.
  await anna.ask("POST", `/conversation/${talk}/read`, { seq: 1_000_000 });
  const { page, messages } = await browse(anna, `/c/${talk}`);
  await expect(messages.last()).toBeVisible();
  await scroll(page, 20, -STEP_PX);
  const moved = await watchMiddle(page);
  await ben.sendMany(talk, ["one more", "two more", "three more"]);
  await expect(page.getByTestId("jump-to-latest")).toHaveText("3");
  expect(await moved()).toBeLessThanOrEqual(1);
  const began_ms = Date.now();
  await page.getByTestId("jump-to-latest").click();
  await expect(page.getByTestId("message-text").last()).toHaveText("three more");
  expect(Date.now() - began_ms).toBeLessThan(1_000);
});

test("H3 at the end the list stays at the end, also in the background", async ({ browse }) => {
  const device = await browse(anna, `/c/${talk}`);
  await expect(device.messages.last()).toBeVisible();
  const other = await device.context.newPage();
  await other.bringToFront();
  await ben.sendMany(talk, ["while hidden 1", "while hidden 2"]);
  await device.page.bringToFront();
  await expect(device.message("while hidden 2")).toBeInViewport();
});

test("H4 a delete above the view does not move it", async ({ browse }) => {
  const { page, messages } = await browse(anna, `/c/${talk}`);
  await expect(messages.last()).toBeVisible();
  await scroll(page, 8, -STEP_PX);
  const { first } = await places(page);
  const above = (await ben.history(talk, `limit=20&before=${talk}-${first}`)).filter(
    (message) => message.sender_id === ben.user_id && !message.deleted,
  );
  const [edited, deleted] = above.slice(-4);
  if (edited === undefined || deleted === undefined) throw new Error("Ben has written nothing here");
  const moved = await watchMiddle(page);
  await ben.edit(edited.message_id, "much longer than before ".repeat(40));
  await ben.remove(deleted.message_id);
  const row = page.locator(`[data-testid=message][data-seq="${deleted.seq}"]`);
  await expect(row.getByTestId("tombstone")).toBeAttached();
  expect(await moved()).toBeLessThanOrEqual(1);
});

test("H6 from far back the end is one click away", async ({ browse }) => {
  const { page } = await browse(anna, `/c/${talk}/5000`);
  await expect(page.locator('[data-testid=message][data-seq="5000"]')).toBeInViewport();
  await page.getByTestId("jump-to-latest").click();
  await expect(page.locator("[data-testid=message]").last()).toBeInViewport();
  const { last } = await places(page);
  expect(last).toBeGreaterThanOrEqual(MESSAGES);
});

test("H7 a quote leads to its message, and back", async ({ browse }) => {
  await ben.send(talk, "Do you remember this?", `${talk}-4000`);
  const device = await browse(anna, `/c/${talk}`);
  const reply = device.message("Do you remember this?").last();
  await expect(reply).toBeVisible();
  const before = (await reply.boundingBox())?.y;
  await reply.getByTestId("message-quote").click();
  const quoted = device.page.locator('[data-testid=message][data-seq="4000"]');
  await expect(quoted).toBeInViewport();
  await expect(quoted).toHaveAttribute("data-highlighted", /.*/);
  await device.page.getByTestId("jump-back").click();
  await expect(reply).toBeInViewport();
  await expect.poll(async () => Math.abs(((await reply.boundingBox())?.y ?? 0) - (before ?? 0))).toBeLessThanOrEqual(1);
});

test("H5 opening lands at the first unread message, and the line stays", async ({ own, browse }) => {
  const now_ms = Date.now();
  const say = (index: number): Step => ({
    at_ms: now_ms - (90 - index) * MINUTE_MS,
    by: "ben",
    do: "say",
    to: "anna",
    text: `message ${index + 1}`,
  });
  const steps = Array.from({ length: 90 }, (_, index) => say(index));
  steps.splice(60, 0, { at_ms: now_ms - 30 * MINUTE_MS, by: "anna", do: "read", of: "ben" });
  const people = [
    { username: "anna", name: "Anna" },
    { username: "ben", name: "Ben" },
  ];
  const server = await own(story(people, steps));
  const reader = await Person.known(server, "Anna", "anna");
  const device = await browse(reader, "/");
  await device.rowNamed("Ben").click();
  const divider = device.page.getByTestId("unread-divider");
  await expect(divider).toBeInViewport();
  const list = await device.list.boundingBox();
  const line = await divider.boundingBox();
  if (list === null || line === null) throw new Error("both are visible");
  expect((line.y - list.y) / list.height).toBeLessThanOrEqual(0.25);
  await expect(device.message("message 61")).toBeInViewport();
  await device.list.press("End");
  await expect(device.message("message 90")).toBeInViewport();
  await expect(divider).toBeAttached();
});

test("H8 one head for what was written together, one for each day", async ({ own, browse }) => {
  // In Berlin, where the browsers of the tests are.
  const midnight_ms = Date.UTC(2025, 10, 20, 23);
  const at = (minutes: number, text: string): Step => ({
    at_ms: midnight_ms + minutes * MINUTE_MS,
    by: "ben",
    do: "say",
    to: "anna",
    text,
  });
  const steps = [
    at(-30, "first"),
    at(-26, "soon after"),
    at(-20, "later"),
    at(-2, "before midnight"),
    at(2, "after midnight"),
  ];
  const people = [
    { username: "anna", name: "Anna" },
    { username: "ben", name: "Ben" },
  ];
  const server = await own(story(people, steps));
  const device = await browse(await Person.known(server, "Anna", "anna"), "/");
  await device.rowNamed("Ben").click();
  await expect(device.messages).toHaveCount(5);
  await expect(device.page.getByTestId("day-header")).toHaveCount(2);
});
