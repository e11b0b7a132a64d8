/** Measures what docs/BENCHMARKS.md promises of the web client, prints its table, and fails where a budget is broken. */

import type { Device } from "../harness/device";
import { Kith } from "../harness/kith";
import { Person } from "../harness/person";
import { scroll } from "../harness/scroll";
import { longTalk } from "../harness/story";
import { expect, test } from "../harness/test";

const STORED = 10_000;
const RUNS = 9;
const SENDS = 100;
/** As many as in half an hour with one each second. */
const TRAFFIC = 1_800;

interface Figure {
  what: string;
  unit: "ms" | "px" | "%" | "";
  measured: number;
  /** The most that is promised. */
  budget: number;
  /** What else was seen. */
  besides?: string;
}
const figures: Figure[] = [];

const sorted = (numbers: number[]): number[] => [...numbers].sort((one, other) => one - other);
const quantile = (numbers: number[], part: number): number =>
  sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))] ?? NaN;
const median = (numbers: number[]): number => quantile(numbers, 0.5);
const p95 = (numbers: number[]): number => quantile(numbers, 0.95);
const worst = (ms: number[]): string => `worst ${Math.max(...ms).toFixed(0)} ms of ${ms.length}`;

function note(figure: Figure): void {
  figures.push(figure);
}

function said({ what, unit, measured, budget, besides }: Figure): string {
  const [most, seen] = [budget, measured].map((number) => `${Number(number.toFixed(4))} ${unit}`.trim());
  return `| ${what} | ≤ ${most} | ${measured <= budget ? seen : `**${seen}**`}${besides === undefined ? "" : `, ${besides}`} |`;
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
  process.stdout.write(`\n| figure | budget | measured |\n|---|---|---|\n${figures.map(said).join("\n")}\n\n`);
  const broken = figures.filter(({ measured, budget }) => !(measured <= budget));
  expect(
    broken.map(({ what }) => what),
    "no budget may be broken",
  ).toEqual([]);
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
  note({
    what: "first message after a reload, warm cache, median",
    unit: "ms",
    measured: Math.round(median(took_ms)),
    budget: 300,
    besides: worst(took_ms),
  });
  await device.cut();
  const offline_ms: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    await device.page.reload();
    offline_ms.push(await mark(device, "first-message"));
  }
  note({
    what: "the same without a network",
    unit: "ms",
    measured: Math.round(median(offline_ms)),
    budget: 300,
    besides: worst(offline_ms),
  });
});

/** Writes, and tells how long each message took from the press of the key until `where` had painted it. */
async function writing(one: Device, word: string, where: Device[]): Promise<number[][]> {
  const took_ms: number[][] = where.map(() => []);
  for (let number = 0; number < SENDS; number += 1) {
    const text = `${word} number ${number}.`;
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
    const seen = where.map((device) => painted(device, text));
    await one.field.press("Enter");
    const at = await pressed;
    for (const [index, time] of (await Promise.all(seen)).entries()) took_ms[index]?.push(time - at);
  }
  return took_ms;
}

test("own bubble, and to the other browser", async ({ browse }) => {
  const one = await browse(anna, `/c/${talk}`);
  const other = await browse(ben, `/c/${talk}`);
  await one.message("Ready?").last().waitFor();
  await other.message("Ready?").last().waitFor();
  const [own_ms = [], other_ms = []] = await writing(one, "question", [one, other]);
  note({
    what: "Enter to painted in the other browser, loopback, p95",
    unit: "ms",
    measured: Math.round(p95(other_ms)),
    budget: 150,
    besides: `${worst(other_ms)}; own bubble meanwhile ${Math.round(p95(own_ms))} ms`,
  });
  // Two browsers and a server on two processors wait for each other, which nobody's own browser does.
  await other.page.close();
  const [alone_ms = []] = await writing(one, "answer", [one]);
  note({
    what: "Enter to own bubble painted, p95",
    unit: "ms",
    measured: Math.round(p95(alone_ms)),
    budget: 50,
    besides: worst(alone_ms),
  });
});

type Watched = Window & { shifts: number };

/** Adds up what moves in this document without anybody having touched it, from its first paint on. */
const watchShifts = (device: Device): Promise<void> =>
  device.page.evaluate(() => {
    const watched = window as unknown as Watched;
    watched.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) watched.shifts += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });

const shifts = (device: Device): Promise<number> => device.page.evaluate(() => (window as unknown as Watched).shifts);

test("switching, scrolling, shifts", async ({ browse }) => {
  test.setTimeout(180_000);
  const friends: string[] = [];
  for (let number = 0; number < 5; number += 1) {
    const friend = await Person.register(kith, `Friend${number}`);
    for (let line = 0; line < 40; line += 1) friends.push((await friend.send(anna, `line ${line}`)).conversation_id);
  }
  const rows = [...new Set(friends)];
  const device = await browse(anna, "/");
  await watchShifts(device);
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
  note({
    what: "switch to a conversation, first time, p95",
    unit: "ms",
    measured: Math.round(p95(uncached_ms)),
    budget: 400,
    besides: worst(uncached_ms),
  });
  note({
    what: "switch to a cached conversation, p95",
    unit: "ms",
    measured: Math.round(p95(cached_ms)),
    budget: 100,
    besides: worst(cached_ms),
  });
  const switched = await shifts(device);
  await device.open(`/c/${talk}`);
  await mark(device, "first-message");
  await watchShifts(device);
  // Scrolling by script counts as shifts: there, jumps count instead.
  await device.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)).then(() => undefined));
  note({
    what: "layout shifts after the first paint, opening and switching (CLS)",
    unit: "",
    measured: switched + (await shifts(device)),
    budget: 0.02,
  });
  const up = await scroll(device.page, 400, -400);
  const down = await scroll(device.page, 200, 400);
  note({
    what: "jump of the list over 600 steps of 400 px, 10,000 messages",
    unit: "px",
    measured: Math.max(up.worst_px, down.worst_px),
    budget: 1,
  });
  note({
    what: "rows in the document at any depth",
    unit: "",
    measured: Math.max(up.rows_max, down.rows_max),
    budget: 150,
  });
  note({
    what: "nodes in the document at any depth",
    unit: "",
    measured: Math.max(up.nodes_max, down.nodes_max),
    budget: 2_500,
  });
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
  note({
    what: "growth of the page's heap over the last third of 1,800 messages",
    unit: "%",
    measured: Number((((after - before) / before) * 100).toFixed(1)),
    budget: 10,
    besides: `${(before / MIB).toFixed(1)} to ${(after / MIB).toFixed(1)} MiB`,
  });
});
