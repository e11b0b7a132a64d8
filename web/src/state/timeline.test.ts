import type { Slice, TimelineItem } from "@kith/client";
import { describe, expect, it } from "vitest";

import { message } from "../testing/message";
import { applied, extended, holds, indexAt, moved, opened, seen, type Timeline, unwritten, written } from "./timeline";

const ME = "me";

function range(first: number, last: number): TimelineItem[] {
  return Array.from({ length: last - first + 1 }, (_, index) => message(first + index));
}

function slice(first: number, last: number, change: Partial<Slice> = {}): Slice {
  return {
    items: range(first, last),
    first,
    last,
    head: 1_000,
    reached_start: first === 1,
    reached_end: last === 1_000,
    read_seq: 1_000,
    ...change,
  };
}

const atEnd = () => opened(slice(941, 1_000), ME);
const told = (items: TimelineItem[], head: number, gone: string[] = []) => ({
  kind: "timeline" as const,
  conversation_id: "c",
  items,
  gone,
  head,
});
const follower = { me: ME, follows: true, visible: { from: 50, to: 59 } };
const reader = { me: ME, follows: false, visible: { from: 20, to: 29 } };
const places = (timeline: Timeline) => timeline.items.map(({ seq }) => seq);

describe("opening", () => {
  it("puts the line before the first unread message of somebody else", () => {
    const items = [message(1), message(2, { sender_id: ME }), message(3)];
    expect(opened(slice(1, 3, { items, read_seq: 1 }), ME).unread_from).toBe(3);
  });

  it("has no line when everything was read", () => {
    expect(atEnd().unread_from).toBeNull();
  });
});

describe("moving the window", () => {
  it("grows towards the start and lets go of the far end", () => {
    const window = opened(slice(401, 520), ME);
    const grown = extended(window, slice(341, 400), "before", { from: 4, to: 14 });
    expect(places(grown)).toEqual(range(341, 460).map(({ seq }) => seq));
    expect(grown).toMatchObject({ first: 341, last: 460, reached_end: false });
  });

  it("grows towards the end and lets go of the far start", () => {
    const window = opened(slice(1, 120), ME);
    const grown = extended(window, slice(121, 180), "after", { from: 100, to: 110 });
    expect(grown).toMatchObject({ first: 61, last: 180, reached_start: false });
    expect(grown.items).toHaveLength(120);
  });

  it("never lets go of what is visible, nor of a margin around it", () => {
    const window = opened(slice(401, 520), ME);
    const grown = extended(window, slice(341, 400), "before", { from: 10, to: 60 });
    expect(grown.last).toBe(341 + 60 + 60 + 30);
  });

  it("holds the line and the count when it moves elsewhere", () => {
    const window = { ...atEnd(), unread_from: 990, arrived: [1_000] };
    expect(moved(window, slice(1, 60))).toMatchObject({
      unread_from: 990,
      arrived: [1_000],
      last: 60,
    });
  });

  it("takes an empty piece as the end", () => {
    const window = { ...opened(slice(941, 999), ME), reached_end: false };
    const end = slice(1_000, 1_000, { items: [], reached_end: true });
    expect(extended(window, end, "after", null)).toMatchObject({
      last: 1_000,
      reached_end: true,
    });
  });
});

describe("what the core tells", () => {
  it("appends what comes next", () => {
    const { timeline, wanted } = applied(atEnd(), told([message(1_001)], 1_001), follower);
    expect(timeline).toMatchObject({ last: 1_001, head: 1_001 });
    expect(wanted).toBeNull();
  });

  it("asks for what it lacks", () => {
    const { timeline, wanted } = applied(atEnd(), told([message(1_003)], 1_003), follower);
    expect(timeline.last).toBe(1_000);
    expect(wanted).toEqual({ after: 1_000 });
  });

  it("asks for a place that shows nothing by itself", () => {
    const edited = message(990, { text: "changed" });
    const { timeline, wanted } = applied(atEnd(), told([edited], 1_001), follower);
    expect(timeline.items).toContain(edited);
    expect(wanted).toEqual({ after: 1_000 });
  });

  it("starts anew at the end when a follower lacks too much", () => {
    expect(applied(atEnd(), told([], 1_400), follower).wanted).toEqual({ end: true });
  });

  it("lets go of the end when a reader of the past lacks too much", () => {
    const { timeline, wanted } = applied(atEnd(), told([message(1_400)], 1_400), reader);
    expect(timeline).toMatchObject({ reached_end: false, last: 1_000 });
    expect(timeline.items).toHaveLength(60);
    expect(wanted).toBeNull();
  });

  it("shows nothing of the end while it stands elsewhere", () => {
    const window = opened(slice(1, 60), ME);
    const { timeline, wanted } = applied(window, told([message(1_001)], 1_001), reader);
    expect(places(timeline)).toEqual(places(window));
    expect(wanted).toBeNull();
  });

  it("changes a message where it stands", () => {
    const deleted = message(950, { text: null, deleted: true });
    const { timeline } = applied(atEnd(), told([deleted], 1_000), follower);
    expect(timeline.items[9]).toBe(deleted);
  });

  it("forgets what is gone", () => {
    expect(applied(atEnd(), told([], 1_000, ["k950"]), follower).timeline.items).toHaveLength(59);
  });

  it("keeps at most about the size of the window at the end", () => {
    const window = opened(slice(881, 1_000), ME);
    const { timeline } = applied(window, told([message(1_001)], 1_001), follower);
    expect(timeline).toMatchObject({ first: 912, last: 1_001, reached_start: false });
    const grown = applied(timeline, told(range(1_002, 1_031), 1_031), follower).timeline;
    expect(grown).toMatchObject({ first: 912, last: 1_031 });
    expect(grown.items).toHaveLength(120);
  });

  it("lets go at the start also where most of it waits to be sent", () => {
    const unsent = Array.from({ length: 100 }, (_, index) => message(null, { key: `own${index}`, sender_id: ME }));
    const { timeline } = applied(opened(slice(941, 1_000), ME), told(unsent, 1_000), follower);
    expect(timeline).toMatchObject({ first: 1_000, last: 1_000 });
    expect(timeline.items).toHaveLength(101);
  });

  it("keeps what a reader sees when much arrives below", () => {
    const window = opened(slice(881, 1_000), ME);
    const arrived = range(1_001, 1_040);
    const { timeline } = applied(window, told(arrived, 1_040), reader);
    expect(timeline).toMatchObject({ first: 881, last: 1_000, reached_end: false });
  });
});

describe("own messages", () => {
  const own = (seq: number | null) => message(seq, { key: "own", sender_id: ME });

  it("stand at the end until they have a place", () => {
    const sent = applied(atEnd(), told([own(null)], 1_000), follower).timeline;
    const received = applied(sent, told([message(1_001)], 1_001), follower).timeline;
    expect(places(received).slice(-2)).toEqual([1_001, null]);
    const acked = applied(received, told([own(1_002)], 1_002), follower).timeline;
    expect(acked).toMatchObject({ last: 1_002 });
    expect(places(acked).slice(-2)).toEqual([1_001, 1_002]);
  });

  it("keep the order in which they were written", () => {
    const two = ["a", "b"].map((key) => message(null, { key, sender_id: ME }));
    const { timeline } = applied(atEnd(), told(two, 1_000), follower);
    expect(timeline.items.slice(-2).map(({ key }) => key)).toEqual(["a", "b"]);
  });

  it("are never counted as new", () => {
    expect(applied(atEnd(), told([own(1_001)], 1_001), reader).timeline.arrived).toEqual([]);
  });
});

describe("the count of new messages", () => {
  it("counts what others sent, once, wherever the window stands", () => {
    const window = opened(slice(1, 60), ME);
    const update = told([message(1_001), message(1_002)], 1_002);
    const first = applied(window, update, reader).timeline;
    expect(applied(first, update, reader).timeline.arrived).toEqual([1_001, 1_002]);
  });

  it("shrinks as they are seen", () => {
    expect(seen({ ...atEnd(), arrived: [1_001, 1_002] }, 1_001).arrived).toEqual([1_002]);
  });
});

it("finds the item at a place, or the next one", () => {
  const items = [message(3), message(7)];
  expect([3, 4, 7, 9].map((seq) => indexAt(items, seq))).toEqual([0, 1, 1, 1]);
  expect(holds(atEnd(), 941)).toBe(true);
  expect(holds(atEnd(), 940)).toBe(false);
});

describe("what was just written", () => {
  const draft = message(null, { key: "own", sender_id: ME, state: "sending" });

  it("stands at the end before the core has told, and once", () => {
    const shown = written(atEnd(), draft);
    const told_again = applied(shown, told([{ ...draft }], 1_000), follower).timeline;
    expect(places(told_again).slice(-2)).toEqual([1_000, null]);
  });

  it("is not shown where the end is not", () => {
    const window = opened(slice(1, 60), ME);
    expect(written(window, draft)).toBe(window);
  });

  it("can be taken away, unless it has got its place", () => {
    expect(unwritten(written(atEnd(), draft), "own").items).toHaveLength(60);
    const acked = applied(written(atEnd(), draft), told([{ ...draft, seq: 1_001 }], 1_001), follower).timeline;
    expect(unwritten(acked, "own").items).toHaveLength(61);
  });
});
