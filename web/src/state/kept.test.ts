import type { Slice, TimelineItem, Update } from "@kith/client";
import { beforeEach, describe, expect, it } from "vitest";

import { message } from "../testing/message";
import { keepTimeline, keptSlice, tellKept } from "./kept";
import { opened, type Timeline } from "./timeline";

const COUNT = { at_end: 20, at_unread: 30 };

/** The timeline of a conversation of a hundred messages, as far as it is loaded. */
function timeline(first: number, last: number, change: Partial<Slice> = {}): Timeline {
  const items = Array.from({ length: last - first + 1 }, (_, index) => message(first + index));
  const ends = { reached_start: first === 1, reached_end: last === 100 };
  return opened({ items, first, last, head: 100, ...ends, read_seq: 100, ...change }, "me");
}

const tell = (items: TimelineItem[], head: number) => {
  tellKept({ kind: "timeline", conversation_id: "c", items, gone: [], head });
};
const places = (slice: Slice | null) => slice?.items.map(({ seq }) => seq);

describe("a timeline that was left", () => {
  beforeEach(() => {
    tellKept({ kind: "signed-out", reason: null });
  });

  it("is shown again from its end", () => {
    keepTimeline("c", timeline(41, 100));
    const slice = keptSlice("c", 100, COUNT);
    expect(slice).toMatchObject({ first: 81, last: 100, head: 100, reached_start: false, reached_end: true });
    expect(places(slice)).toHaveLength(20);
    expect(keptSlice("d", 100, COUNT)).toBeNull();
  });

  it("has what came, was changed and was deleted meanwhile", () => {
    keepTimeline("c", timeline(91, 100));
    tell([message(95, { text: null, deleted: true }), message(101)], 101);
    const slice = keptSlice("c", 101, COUNT);
    expect(places(slice)?.at(-1)).toBe(101);
    expect(slice?.items.find(({ seq }) => seq === 95)).toMatchObject({ text: null });
  });

  it("is asked for again where it lacks something", () => {
    keepTimeline("c", timeline(91, 100));
    tell([message(103)], 103);
    expect(keptSlice("c", 100, COUNT)).toBeNull();
  });

  it("is not kept without its end", () => {
    keepTimeline("c", timeline(1, 60));
    expect(keptSlice("c", 100, COUNT)).toBeNull();
  });

  it("is shown again from the first unread message, with some that were read before it", () => {
    keepTimeline("c", timeline(41, 100));
    const slice = keptSlice("c", 60, COUNT);
    expect(slice).toMatchObject({ first: 51, last: 80, reached_end: false, read_seq: 60 });
    expect(keptSlice("c", 95, COUNT)).toMatchObject({ first: 86, last: 100, reached_end: true });
  });

  it("is asked for again where it may not reach the first unread message", () => {
    keepTimeline("c", timeline(41, 100));
    expect(keptSlice("c", 40, COUNT)).toBeNull();
    keepTimeline("c", timeline(1, 100));
    expect(keptSlice("c", 0, COUNT)).toMatchObject({ first: 1, reached_start: true });
  });

  it.each<Update>([
    { kind: "timeline-reset", conversation_id: "c" },
    { kind: "conversations", rows: [], gone: ["c"], more: false },
    { kind: "signed-out", reason: null },
  ])("is forgotten when it is told: $kind", (update) => {
    keepTimeline("c", timeline(41, 100));
    tellKept(update);
    expect(keptSlice("c", 100, COUNT)).toBeNull();
  });

  it("makes room for those that were left later", () => {
    for (let number = 0; number <= 8; number += 1) keepTimeline(`c${number}`, timeline(41, 100));
    expect(keptSlice("c0", 100, COUNT)).toBeNull();
    expect(keptSlice("c1", 100, COUNT)).not.toBeNull();
  });
});
