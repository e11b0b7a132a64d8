import type { MessageItem, TimelineItem } from "@kith/client";
import { describe, expect, it } from "vitest";

import { sharesGroup, startsDay } from "./grouping";

const at = (clock: string, sender_id = "ada"): TimelineItem =>
  ({ kind: "message", sender_id, sent_at: new Date(`2026-03-01T${clock}`).toISOString() }) as MessageItem;

describe("groups", () => {
  it("hold messages of one author that are no more than five minutes apart", () => {
    expect(sharesGroup(at("12:00:00"), at("12:04:00"))).toBe(true);
    expect(sharesGroup(at("12:00:00"), at("12:05:00"))).toBe(true);
    expect(sharesGroup(at("12:00:00"), at("12:06:00"))).toBe(false);
  });

  it("hold one author", () => {
    expect(sharesGroup(at("12:00:00"), at("12:00:01", "bob"))).toBe(false);
  });

  it("end where nothing, or something else, follows", () => {
    const event = { ...at("12:00:01"), kind: "settings" } as TimelineItem;
    expect(sharesGroup(at("12:00:00"), undefined)).toBe(false);
    expect(sharesGroup(at("12:00:00"), event)).toBe(false);
  });
});

describe("days", () => {
  const midnight = new Date(2026, 2, 2).getTime();
  const around = (offset_ms: number): TimelineItem => ({
    ...at("12:00:00"),
    sent_at: new Date(midnight + offset_ms).toISOString(),
  });

  it("begin at midnight, where the reader is", () => {
    expect(startsDay(around(-1_000), around(1_000))).toBe(true);
    expect(startsDay(around(1_000), around(2_000))).toBe(false);
    expect(startsDay(undefined, around(0))).toBe(true);
  });

  it("divide groups", () => {
    expect(sharesGroup(around(-1_000), around(1_000))).toBe(false);
  });
});
