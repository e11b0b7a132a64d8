import type { MessageItem, Place, Problem, Slice, Update } from "@kith/client";
import { createSignal, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";

import { OPENING_ITEMS } from "../core/opening";
import { takeBegun } from "./begun";
import { core, subscribe } from "./core";
import {
  applied,
  arrives,
  extended,
  moved,
  opened,
  type Side,
  SLICE_ITEMS,
  type Timeline,
  type Visible,
} from "./timeline";

export type TimelineStatus = "loading" | "ready" | "failed";

/** What the list that shows a timeline tells it, and how it keeps still while the timeline changes. */
export interface TimelineView {
  follows: () => boolean;
  visible: () => Visible | null;
  /** Runs a change and puts what was in view back to where it stood. */
  preserve: (change: () => void) => void;
}

export type TimelineStore = ReturnType<typeof createTimeline>;

const NOTHING: Timeline = {
  items: [],
  first: 0,
  last: 0,
  head: 0,
  reached_start: false,
  reached_end: false,
  unread_from: null,
  arrived: [],
};

export interface TimelineOptions {
  me: () => string;
  /** The other names that updates may have for it. */
  isHere: (conversation_id: string) => boolean;
  /** Messages of others that are new. */
  onArrival: (items: MessageItem[]) => void;
}

/** The timeline of one conversation, for as long as it is shown. */
export function createTimeline(conversation: string, options: TimelineOptions) {
  let current = NOTHING;
  let view: TimelineView | null = null;
  // A piece that was asked for before the window moved elsewhere is not for this window any more.
  let window_number = 0;
  const underway = new Set<Side>();
  const [timeline, setTimeline] = createStore<Timeline>(structuredClone(NOTHING));
  const [status, setStatus] = createSignal<TimelineStatus>("loading");
  const [problem, setProblem] = createSignal<Problem | null>(null);

  const show = (next: Timeline) => {
    if (next === current) return;
    current = next;
    const change = () => {
      setTimeline(reconcile(next, { key: "key", merge: false }));
    };
    if (view === null) change();
    else view.preserve(change);
  };

  const place = async (where: Place, limit: number, accept: (slice: Slice) => Timeline): Promise<boolean> => {
    const mine = ++window_number;
    underway.clear();
    try {
      const begun = takeBegun(conversation);
      const slice = begun?.slice ?? (await core().slice(conversation, where, limit));
      if (mine !== window_number) return false;
      setStatus("ready");
      show(accept(slice));
      begun?.updates().forEach(apply);
      void catchUp();
      return true;
    } catch (refusal) {
      if (mine === window_number) fail(refusal as Problem);
      return false;
    }
  };

  const fail = (refusal: Problem) => {
    if (current === NOTHING) setStatus("failed");
    setProblem(refusal);
  };

  const open = (where: Place) => {
    setProblem(null);
    if (current === NOTHING) setStatus("loading");
    return place(where, OPENING_ITEMS, (slice) => opened(slice, options.me()));
  };

  const jump = (where: Place) => place(where, SLICE_ITEMS, (slice) => moved(current, slice));

  const load = async (side: Side): Promise<void> => {
    const reached = side === "before" ? current.reached_start : current.reached_end;
    if (reached || underway.has(side) || status() !== "ready") return;
    await extend(side, side === "before" ? { before: current.first } : { after: current.last });
  };

  const extend = async (side: Side, where: Place): Promise<void> => {
    const mine = window_number;
    underway.add(side);
    try {
      const slice = await core().slice(conversation, where, SLICE_ITEMS);
      if (mine !== window_number) return;
      setProblem(null);
      show(extended(current, slice, side, view?.visible() ?? null));
    } catch (refusal) {
      if (mine === window_number) setProblem(refusal as Problem);
    } finally {
      if (mine === window_number) underway.delete(side);
    }
  };

  /** What was told to have happened is there, whatever order it was told in. */
  const catchUp = async (): Promise<void> => {
    while (current.reached_end && current.head > current.last && !underway.has("after")) {
      const before = current.last;
      await extend("after", { after: before });
      if (current.last === before) return;
    }
  };

  const apply = (update: Update) => {
    if (update.kind !== "timeline" && update.kind !== "timeline-reset") return;
    const here = update.conversation_id;
    if (here !== conversation && !options.isHere(here)) return;
    if (update.kind === "timeline-reset") void jump(whereItStands(current, view));
    else if (current !== NOTHING) tell(update);
  };

  const tell = (update: Extract<Update, { kind: "timeline" }>) => {
    const arrived = update.items.filter((item) => arrives(current, item, options.me()));
    const viewer = {
      me: options.me(),
      follows: view?.follows() ?? true,
      visible: view?.visible() ?? null,
    };
    const { timeline: next, wanted } = applied(current, update, viewer);
    show(next);
    if (wanted !== null && "end" in wanted) void jump(wanted);
    else if (wanted !== null) void catchUp();
    if (arrived.length > 0) options.onArrival(arrived);
  };

  onCleanup(subscribe(apply));

  return {
    timeline,
    status,
    problem,
    open,
    jump,
    load,
    attach: (attached: TimelineView) => {
      view = attached;
    },
    change: (how: (timeline: Timeline) => Timeline) => {
      show(how(current));
    },
  };
}

function whereItStands(timeline: Timeline, view: TimelineView | null): Place {
  const visible = view?.visible();
  const seq = visible && timeline.items[visible.from]?.seq;
  return view?.follows() !== false || seq == null ? { end: true } : { around: seq };
}
