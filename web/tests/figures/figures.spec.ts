/** Measures what reference budgets promise, and prints the table of docs/BENCHMARKS.md. Nothing here fails a change. */

import type { Device } from "../harness/device";
import { Kith } from "../harness/kith";
import { Person } from "../harness/person";
import { scroll } from "../harness/scroll";
import { longTalk } from "../harness/story";
import { test } from "../harness/test";

const STORED = 10_000;
const RUNS = 9;
const SENDS = 100;
/** As many as in half an hour with one each second. */
const TRAFFIC = 1_800;

interface Figure {
  what: string;
  target: string;
  measured: string;
}
const figures: Figure[] = [];

const sorted = (numbers: number[]): number[] => [...numbers].sort((one, other) => one - other);
const quantile = (numbers: number[], part: number): number =>
  sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))] ?? NaN;
const spread = (ms: number[]): string =>
  `p50 ${quantile(ms, 0.5).toFixed(0)} ms, p95 ${quantile(ms, 0.95).toFixed(0)} ms`;

function note(what: string, target: string, measured: string): void {
  figures.push({ what, target, measured });
}

let kith: Kith;
let anna: Person;
let ben: Person;
let talk: string;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  kith = await Kith.start(longTalk(STORED));
  anna = await Person.known(kith, "Anna Berg", "anna");
  ben = await Person.known(kith, "Ben Adler", "ben");
  talk = (await ben.send(anna, "Ready?")).conversation_id;
});

test.afterAll(async () => {
  await kith.dispose();
  const lines = figures.map(({ what, target, measured }) => `| ${what} | ${target} | ${measured} |`);
  process.stdout.write(`\n| figure | target | measured |\n|---|---|---|\n${lines.join("\n")}\n\n`);
});

/** Resolves with the time of the frame in which `text` is painted, on the clock that all pages share. */
function painted(device: Device, text: string): Promise<number> {
  return device.page.evaluate(
    (text) =>
      new Promise<number>((resolve) => {
        const list = document.querySelector("[data-testid=message-list]") as Element;
        const look = (observer?: MutationObserver): boolean => {
          if (!list.textContent.includes(text)) return false;
          observer?.disconnect();
          requestAnimationFrame(() => {
            setTimeout(() => {
              resolve(performance.timeOrigin + performance.now());
            }, 0);
          });
          return true;
        };
        if (look()) return;
        const observer = new MutationObserver(() => look(observer));
        observer.observe(list, { childList: true, subtree: true, characterData: true });
      }),
    text,
  );
}

const mark = (device: Device, name: string): Promise<number> =>
  device.page
    .waitForFunction((name) => performance.getEntriesByName(name).length > 0, name)
    .then(() => device.page.evaluate((name) => performance.getEntriesByName(name)[0]?.startTime ?? NaN, name));

test("first message, warm", async ({ browse }) => {
  const device = await browse(anna, `/c/${talk}`);
  await mark(device, "first-message");
  await device.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const took_ms: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    await device.page.reload();
    took_ms.push(await mark(device, "first-message"));
  }
  note("first message after navigation, warm cache", "≤ 300 ms", spread(took_ms));
  await device.cut();
  await device.page.reload();
  note("the same without a network", "≤ 300 ms", `${(await mark(device, "first-message")).toFixed(0)} ms`);
});

test("own bubble, and to the other browser", async ({ browse }) => {
  const one = await browse(anna, `/c/${talk}`);
  const other = await browse(ben, `/c/${talk}`);
  await one.message("Ready?").last().waitFor();
  await other.message("Ready?").last().waitFor();
  const [own_ms, other_ms]: [number[], number[]] = [[], []];
  for (let number = 0; number < SENDS; number += 1) {
    const text = `message number ${number}.`;
    await one.field.fill(text);
    const pressed = one.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const now = (): void => {
            resolve(performance.timeOrigin + performance.now());
          };
          document.addEventListener("keydown", now, { once: true, capture: true });
        }),
    );
    const seen = [painted(one, text), painted(other, text)] as const;
    await one.field.press("Enter");
    const at = await pressed;
    own_ms.push((await seen[0]) - at);
    other_ms.push((await seen[1]) - at);
  }
  note("Enter → own bubble painted", "≤ 50 ms", spread(own_ms));
  note("Enter → painted in the other browser, loopback", "p95 ≤ 150 ms", spread(other_ms));
});

test("switching, scrolling, shifts", async ({ browse }) => {
  test.setTimeout(180_000);
  const friends: string[] = [];
  for (let number = 0; number < 5; number += 1) {
    const friend = await Person.register(kith, `Friend${number}`);
    for (let line = 0; line < 40; line += 1) friends.push((await friend.send(anna, `line ${line}`)).conversation_id);
  }
  const rows = [...new Set(friends)];
  const device = await browse(anna, "/");
  await device.page.evaluate(() => {
    const shifts = { sum: 0 };
    (window as unknown as { shifts: { sum: number } }).shifts = shifts;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) shifts.sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  const switchTo = async (row: string): Promise<number> => {
    await device.page.evaluate(() => {
      performance.clearMarks("conversation-painted");
      document.addEventListener("pointerdown", () => performance.mark("pressed"), { once: true, capture: true });
    });
    await device.row(row).click();
    const end = await mark(device, "conversation-painted");
    const begin = await device.page.evaluate(() => {
      const begin = performance.getEntriesByName("pressed").at(-1)?.startTime ?? NaN;
      performance.clearMarks("pressed");
      return begin;
    });
    return end - begin;
  };
  const uncached_ms: number[] = [];
  for (const row of rows) uncached_ms.push(await switchTo(row));
  const cached_ms: number[] = [];
  for (let run = 0; run < 20; run += 1) cached_ms.push(await switchTo(rows[run % rows.length] as string));
  note("switch to a conversation, first time", "≤ 400 ms", spread(uncached_ms));
  note("switch to a conversation, cached", "≤ 100 ms", spread(cached_ms));
  await device.open(`/c/${talk}`);
  await mark(device, "first-message");
  const up = await scroll(device.page, 400, -400);
  const down = await scroll(device.page, 200, 400);
  note(
    "jump of the list over 600 steps of 400 px, 10,000 messages",
    "≤ 1 px",
    `${Math.max(up.worst_px, down.worst_px).toFixed(2)} px`,
  );
  note("rows in the document", "≤ 150", String(Math.max(up.rows_max, down.rows_max)));
  note("nodes in the document", "≤ 2,500", String(Math.max(up.nodes_max, down.nodes_max)));
  const shifted = await device.page.evaluate(
    () => (window as unknown as { shifts?: { sum: number } }).shifts?.sum ?? 0,
  );
  note("layout shifts after the first paint (CLS)", "≤ 0.02", shifted.toFixed(4));
});

test("memory", async ({ browse }) => {
  test.setTimeout(240_000);
  const device = await browse(anna, `/c/${talk}`);
  await mark(device, "first-message");
  const client = await device.context.newCDPSession(device.page);
  const heap_bytes = async (): Promise<number> => {
    await client.send("HeapProfiler.collectGarbage");
    return (await client.send("Runtime.getHeapUsage")).usedSize;
  };
  const traffic = async (count: number): Promise<void> => {
    for (let number = 0; number < count; number += 1) await ben.send(talk, `traffic ${number}`);
    await device
      .message(`traffic ${count - 1}`)
      .last()
      .waitFor();
  };
  await traffic((TRAFFIC * 2) / 3);
  const before = await heap_bytes();
  await traffic(TRAFFIC / 3);
  const after = await heap_bytes();
  const MIB = 1024 * 1024;
  note(
    "JavaScript heap of the page over the last third of 1,800 messages",
    "< 10 %",
    `${(before / MIB).toFixed(1)} → ${(after / MIB).toFixed(1)} MiB (${(((after - before) / before) * 100).toFixed(1)} %)`,
  );
});
