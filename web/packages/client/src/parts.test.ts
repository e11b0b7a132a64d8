import { describe, expect, it } from "vitest";

import { Backoff } from "./backoff.ts";
import { Digest } from "./digest.ts";
import { Feed } from "./feed.ts";
import type { Page } from "./frames.ts";
import { newId } from "./ids.ts";
import { Log } from "./log.ts";
import { Ranges } from "./ranges.ts";
import { sha256 } from "./sha256.ts";

/** Numbers that look random and are the same in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % sides;
  };
}

describe("SHA-256", () => {
  it("is what others compute", async () => {
    for (const length of [0, 1, 24, 55, 56, 63, 64, 65, 1000]) {
      const message = Uint8Array.from({ length }, (_, index) => index % 251);
      expect(sha256(message)).toEqual(new Uint8Array(await crypto.subtle.digest("SHA-256", message)));
    }
  });
});

describe("a new id", () => {
  it("is a UUID of version 7", () => {
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("is greater than the one before, also within a millisecond and after the clock went back", () => {
    const now = Date.now() + 1000;
    const ids = [now, now, now, now - 60_000, now + 1, now + 1].map((at) => newId(at));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("the digest", () => {
  it("is nothing for nothing, and nothing again when all is forgotten", () => {
    const digest = new Digest();
    expect(String(digest)).toBe("0000000000000000");
    digest.reaches("d4vq3yg2c1z17jbfpy5za3za1dr", 3);
    digest.reaches("d4vq3yg2c1z17jbfpy5za3za1dr", 7);
    expect(String(digest)).not.toBe("0000000000000000");
    digest.forget("d4vq3yg2c1z17jbfpy5za3za1dr");
    expect(String(digest)).toBe("0000000000000000");
  });

  it("does not depend on the way that led to it", () => {
    const [one, other] = [new Digest(), new Digest()];
    for (const head of [1, 2, 5]) one.reaches("g0000000000000000000000000a", head);
    one.reaches("g0000000000000000000000000b", 1);
    other.reaches("g0000000000000000000000000b", 1);
    other.reaches("g0000000000000000000000000a", 5);
    expect(String(one)).toBe(String(other));
  });
});

describe("ranges", () => {
  it("hold what was added, whatever the order", () => {
    const roll = dice(7);
    for (let round = 0; round < 200; round += 1) {
      const [ranges, places] = [new Ranges(), new Set<number>()];
      for (let step = 0; step < 12; step += 1) {
        const first = 1 + roll(40);
        const last = first + roll(6);
        ranges.add(first, last);
        for (let place = first; place <= last; place += 1) places.add(place);
      }
      for (let place = 1; place < 50; place += 1) expect(ranges.has(place)).toBe(places.has(place));
      const pairs = ranges.toJSON();
      pairs.forEach(([first], index) => {
        expect(first).toBeGreaterThan((pairs[index - 1]?.[1] ?? -1) + 1);
      });
    }
  });
});

describe("the backoff", () => {
  it("doubles its bound up to the cap, and starts again after success", () => {
    const backoff = new Backoff(() => 0.999999);
    const waits = Array.from({ length: 8 }, () => Math.round(backoff.failed() / 1000));
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    backoff.worked();
    expect(backoff.failed()).toBeLessThanOrEqual(1000);
  });
});

function page(conversation_id: string, after: number, limit: number, head: number): Page {
  const last = Math.min(head, after + limit);
  const events = Array.from({ length: last - after }, (_, index) => ({
    seq: after + 1 + index,
    event: message(conversation_id, after + 1 + index),
  }));
  return { type: "page", conversation_id, events, head, more: last < head };
}

function message(conversation_id: string, seq: number) {
  const message_id = `${conversation_id}-${seq}`;
  return { kind: "message", message_id, sender_id: "u1", text: "x", sent_at: "2026-01-01T00:00:00.000Z" } as const;
}

describe("a feed", () => {
  it("gives everything once and in order, whatever arrives live", () => {
    const roll = dice(3);
    for (let round = 0; round < 100; round += 1) {
      const feed = new Feed();
      const given: number[] = [];
      let head = 0;
      for (let step = 0; step < 60; step += 1) {
        const seq = 1 + roll(80);
        head = Math.max(head, seq);
        given.push(...feed.event(seq, message("d1", seq)).map((logged) => logged.seq));
      }
      while (feed.lags) given.push(...feed.page(page("d1", feed.have, 20, head)).map((logged) => logged.seq));
      expect(given).toEqual(Array.from({ length: head }, (_, index) => index + 1));
    }
  });
});

describe("a log", () => {
  it("asks again where a page is older than what is here", () => {
    const log = new Log("d1");
    log.page(0, page("d1", 0, 10, 3));
    log.event(4, message("d1", 4));
    expect(log.page(0, page("d1", 0, 10, 3))).toBeNull();
  });

  it("takes an edit only after what came before it", () => {
    const log = new Log("d1");
    log.page(0, page("d1", 0, 10, 2));
    const edit = { kind: "edit", message_id: "d1-1", sender_id: "u1", sent_at: "2026-01-02T00:00:00.000Z" } as const;
    expect(log.event(5, { ...edit, text: "later" })).toEqual([]);
    const changed = log.page(2, page("d1", 2, 2, 5));
    expect(changed?.map((item) => item.seq)).toEqual([3, 4, 1]);
    expect([log.message(1)?.text, log.seen, log.lags]).toEqual(["later", 5, false]);
  });
});
