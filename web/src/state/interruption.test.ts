import { describe, expect, it } from "vitest";
import { stepsOf } from "./interruption";

describe("what is said of a lost connection", () => {
  it("is nothing for two seconds, then that it is being restored, and after half a minute that there is none", () => {
    expect(stepsOf({ since_ms: 0, network: true, before: true })).toEqual([
      { at_ms: 2_000, says: "reconnecting" },
      { at_ms: 30_000, says: "offline" },
    ]);
  });

  it("is that there is none as soon as the device says so", () => {
    expect(stepsOf({ since_ms: 0, network: false, before: true })).toEqual([{ at_ms: 2_000, says: "offline" }]);
  });

  it("is not that it is being restored where there never was one", () => {
    expect(stepsOf({ since_ms: 0, network: true, before: false })[0]).toEqual({ at_ms: 2_000, says: "connecting" });
  });
});
