import type { CoreApi, Place, Slice, Update } from "@kith/client";
import { createRoot } from "solid-js";
import { beforeEach, describe, expect, it } from "vitest";

import { setConnected } from "./core";
import { createTimeline } from "./timeline-store";

/** A core that answers when the test says so. */
class SlowCore {
  readonly asked: { place: Place; answer: (slice: Slice) => void }[] = [];
  #tell: (update: Update) => void = () => undefined;

  constructor() {
    const slice = (_conversation: string, place: Place) =>
      new Promise<Slice>((answer) => this.asked.push({ place, answer }));
    const subscribe = (listener: (update: Update) => void) => {
      this.#tell = listener;
      return () => undefined;
    };
    setConnected({ core: { slice } as unknown as CoreApi, subscribe });
  }

  tell(update: Update): void {
    this.#tell(update);
  }

  async answer(index: number, slice: Slice): Promise<void> {
    this.asked[index]?.answer(slice);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function slice(first: number, last: number): Slice {
  const ends = { reached_start: first === 1, reached_end: last === 100 };
  return { items: [], first, last, head: 100, ...ends, read_seq: 100 };
}

let core: SlowCore;
beforeEach(() => {
  core = new SlowCore();
  Object.assign(globalThis, { innerHeight: 800 });
});

const timelineOf = (conversation: string) =>
  createRoot(() =>
    createTimeline(conversation, { me: () => "me", isHere: (id) => id === conversation, onArrival: () => undefined }),
  );

describe("a timeline", () => {
  it("opens with what was asked for after the cache was dropped", async () => {
    const store = timelineOf("c");
    const opening = store.open({ unread: true });
    core.tell({ kind: "timeline-reset", conversation_id: "c" });
    await core.answer(0, slice(1, 50));
    expect(store.status()).toBe("loading");
    await core.answer(1, slice(71, 100));
    expect(await opening).toBe(true);
    expect(core.asked.map(({ place }) => place)).toEqual([{ unread: true }, { unread: true }]);
    expect(store.timeline).toMatchObject({ first: 71, last: 100 });
  });

  it("does not grow at an edge that it is leaving", async () => {
    const store = timelineOf("c");
    void store.open({ unread: true });
    await core.answer(0, slice(71, 100));
    void store.jump({ around: 20 });
    await store.load("before");
    await core.answer(1, slice(11, 40));
    expect(core.asked).toHaveLength(2);
    expect(store.timeline).toMatchObject({ first: 11, last: 40 });
  });
});
