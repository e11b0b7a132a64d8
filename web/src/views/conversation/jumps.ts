import { createSignal } from "solid-js";

import type { Anchor } from "../../parts/timeline/scroll-keeper";
import { holds } from "../../state/timeline";
import { core } from "../../state/core";
import { placeAtTime } from "../../state/date-search";
import type { TimelineStore } from "../../state/timeline-store";
import { attempt } from "./deeds";
import type { ListHandle } from "./MessageList";

interface Origin extends Anchor {
  seq: number;
}

/** More ways back than these are forgotten. */
const ORIGINS_MAX = 20;

/** Going elsewhere in a conversation, and back to where one was. */
export function createJumps(conversation: string, store: TimelineStore, list: () => ListHandle) {
  const [origins, setOrigins] = createSignal<Origin[]>([]);

  const here = (): Origin | null => {
    const anchor = list().keeper.anchor();
    const item = store.timeline.items.find(({ key }) => key === anchor?.key);
    return anchor === null || item?.seq == null ? null : { ...anchor, seq: item.seq };
  };

  const show = async (seq: number): Promise<boolean> => {
    const present = holds(store.timeline, seq) || (await store.jump({ around: seq }));
    return present;
  };

  const to = async (seq: number): Promise<void> => {
    const origin = here();
    if (!(await show(seq))) return;
    list().highlight(seq);
    if (origin !== null) setOrigins([...origins(), origin].slice(-ORIGINS_MAX));
  };

  const back = async (): Promise<void> => {
    const origin = origins().at(-1);
    if (origin === undefined) return;
    setOrigins(origins().slice(0, -1));
    if (!(await show(origin.seq))) return;
    const key = list().itemAt(origin.seq)?.key;
    if (key !== undefined) list().keeper.toAnchor({ key, top: origin.top });
  };

  const toLatest = async (): Promise<void> => {
    setOrigins([]);
    if (!store.timeline.reached_end) await store.jump({ end: true });
    list().keeper.toEnd();
  };

  const toStart = async (): Promise<void> => {
    if (!store.timeline.reached_start) await store.jump({ around: 1 });
    const first = store.timeline.items[0];
    if (first !== undefined) list().keeper.toAnchor({ key: first.key, top: 64 });
  };

  /** Goes to the first thing of a day. */
  const toTime = async (time_ms: number): Promise<void> => {
    const probe = async (seq: number) => {
      const [item] = (await core().slice(conversation, { after: seq - 1 }, 1)).items;
      return item?.seq == null ? null : { seq: item.seq, time_ms: Date.parse(item.sent_at) };
    };
    await attempt(placeAtTime(probe, store.timeline.head, time_ms).then(to));
  };

  return { to, toTime, back, toLatest, toStart, canGoBack: () => origins().length > 0 };
}
