import { describe, expect, it } from "vitest";

import { placeAtTime, type Probe } from "./date-search";

/** A conversation in which only some places show anything. */
function conversation(places: [seq: number, time_ms: number][]): Probe {
  return (seq) => {
    const found = places.find(([place]) => place >= seq);
    return Promise.resolve(found === undefined ? null : { seq: found[0], time_ms: found[1] });
  };
}

describe("the first place of a day", () => {
  const probe = conversation([
    [1, 10],
    [4, 20],
    [5, 20],
    [9, 30],
  ]);

  it.each([
    [5, 1],
    [10, 1],
    [11, 4],
    [20, 4],
    [25, 9],
  ])("at %i shows %i", async (time_ms, seq) => {
    const place = await placeAtTime(probe, 12, time_ms);
    expect(place).toBe(seq);
  });

  it("is that of the last thing when nothing came later", async () => {
    expect(await placeAtTime(probe, 12, 99)).toBe(9);
  });

  it("is found in few steps", async () => {
    let asked = 0;
    const counting: Probe = (seq) => {
      asked += 1;
      return Promise.resolve({ seq, time_ms: seq });
    };
    expect(await placeAtTime(counting, 10_000, 7_777)).toBe(7_777);
    expect(asked).toBeLessThanOrEqual(14);
  });
});
