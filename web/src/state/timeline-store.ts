import type { MessageItem, Place, Problem, Slice, Update } from "@kith/client";
import { createSignal, onCleanup, untrack } from "solid-js";
import { createStore, reconcile } from "solid-js/store";

import { openingItems } from "../core/opening";
import { takeBegun } from "./begun";
import { core, subscribe } from "./core";
import { keepTimeline, keptSlice } from "./kept";
import {
  applied,
  arrives,
  extended,
  moved,
  opened,
  type Side,
  SLICE_ITEMS,
  type Timeline,
  type Viewer,
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
  const { timeline, now, show, view, attach } = createShown();
  // A piece that was asked for before the window moved elsewhere is not for this window any more.
  let window_number = 0;
  const { ask, dropped } = createAsking(conversation);
  const underway = createUnderway();
  const [status, setStatus] = createSignal<TimelineStatus>("loading");
  const [problem, setProblem] = createSignal<Problem | null>(null);

  const place = async (where: Place, limit: number, accept: (slice: Slice) => Timeline): Promise<boolean> => {
    const mine = ++window_number;
    underway.begin("elsewhere");
    try {
      const slice = await ask(where, limit);
      if (mine !== window_number) return false;
      underway.end("elsewhere");
      setStatus("ready");
      show(accept(slice));
      void catchUp();
      return true;
    } catch (refusal) {
      if (mine === window_number) fail(refusal as Problem);
      return false;
    }
  };

  const fail = (refusal: Problem) => {
    underway.end("elsewhere");
    if (now() === NOTHING) setStatus("failed");
    setProblem(refusal);
  };

  const open = (where: Place) => {
    setProblem(null);
    if (now() === NOTHING) setStatus("loading");
    return place(where, openingItems().at_unread, (slice) => opened(slice, options.me()));
  };

  /** Opens with what is in this tab already, in the same turn; tells whether there is anything. */
  const openAtHand = (place: number | undefined, read_seq: number): boolean => {
    const begun = takeBegun(conversation);
    const kept = place === undefined ? keptSlice(conversation, read_seq, openingItems()) : null;
    const slice = begun?.slice ?? kept;
    if (slice === null) return false;
    setStatus("ready");
    show(opened(slice, options.me()));
    begun?.updates().forEach(apply);
    // What was kept was told everything. What is above it is with the core, and anything that was lost all the same.
    void (begun === null ? jump({ unread: true }) : catchUp());
    return true;
  };

  const jump = (where: Place) => place(where, SLICE_ITEMS, (slice) => moved(now(), slice));

  const load = async (side: Side): Promise<void> => {
    const reached = side === "before" ? now().reached_start : now().reached_end;
    if (reached || underway.has(side) || underway.has("elsewhere") || status() !== "ready") return;
    await extend(side, side === "before" ? { before: now().first } : { after: now().last });
  };

  const extend = async (side: Side, where: Place): Promise<void> => {
    const mine = window_number;
    underway.begin(side);
    try {
      const slice = await ask(where, SLICE_ITEMS);
      if (mine !== window_number) return;
      setProblem(null);
      show(extended(now(), slice, side, view()?.visible() ?? null));
    } catch (refusal) {
      if (mine === window_number) setProblem(refusal as Problem);
    } finally {
      if (mine === window_number) underway.end(side);
    }
  };

  /** What was told to have happened is there, whatever order it was told in. */
  const catchUp = async (): Promise<void> => {
    while (now().reached_end && now().head > now().last && !underway.has("after")) {
      const before = now().last;
      await extend("after", { after: before });
      if (now().last === before) return;
    }
  };

  const apply = (update: Update) => {
    if (update.kind !== "timeline" && update.kind !== "timeline-reset") return;
    const here = update.conversation_id;
    if (here !== conversation && !options.isHere(here)) return;
    if (update.kind === "timeline-reset") {
      dropped();
      if (now() !== NOTHING && !underway.has("elsewhere")) void jump(whereItStands(now(), view()));
    } else if (now() !== NOTHING) tell(update);
  };

  const tell = (update: Extract<Update, { kind: "timeline" }>) => {
    const arrived = update.items.filter((item) => arrives(now(), item, options.me()));
    const { timeline: next, wanted } = applied(now(), update, viewerOf(options.me(), view()));
    show(next);
    if (wanted !== null && "end" in wanted) void jump(wanted);
    else if (wanted !== null) void catchUp();
    if (arrived.length > 0) options.onArrival(arrived);
  };

  onCleanup(subscribe(apply));
  onCleanup(() => {
    if (options.me() !== "" && options.isHere(conversation)) keepTimeline(conversation, now());
  });

  const change = (how: (timeline: Timeline) => Timeline) => {
    show(how(now()));
  };
  const { loads } = underway;
  return { timeline, status, problem, loads, open, openAtHand, jump, load, attach, change };
}

/** What was asked for and has not come yet. */
function createUnderway() {
  type Part = Side | "elsewhere";
  const [parts, setParts] = createSignal<Part[]>([]);
  const has = (part: Part) => untrack(parts).includes(part);
  /** Whoever goes elsewhere waits for nothing else any more. */
  const begin = (part: Part) => setParts((parts) => (part === "elsewhere" ? [part] : [...parts, part]));
  const end = (part: Part) => setParts((parts) => parts.filter((other) => other !== part));
  return { has, begin, end, loads: (side: Side) => parts().includes(side) };
}

/** What is shown, and the list that shows it. */
function createShown() {
  let now = NOTHING;
  let view: TimelineView | null = null;
  const [timeline, setTimeline] = createStore<Timeline>(structuredClone(NOTHING));
  const show = (next: Timeline) => {
    if (next === now) return;
    now = next;
    const change = () => {
      setTimeline(reconcile(next, { key: "key", merge: false }));
    };
    if (view === null) change();
    else view.preserve(change);
  };
  const attach = (attached: TimelineView) => {
    view = attached;
  };
  return { timeline, now: () => now, show, view: () => view, attach };
}

/** Asks for pieces. What was on its way when the cache was dropped may be of both, before and after: it is asked anew. */
function createAsking(conversation: string) {
  let drops = 0;
  const ask = async (where: Place, limit: number): Promise<Slice> => {
    for (;;) {
      const before = drops;
      const slice = await core().slice(conversation, where, limit);
      if (drops === before) return slice;
    }
  };
  const dropped = () => {
    drops += 1;
  };
  return { ask, dropped };
}

function viewerOf(me: string, view: TimelineView | null): Viewer {
  return { me, follows: view?.follows() ?? true, visible: view?.visible() ?? null };
}

function whereItStands(timeline: Timeline, view: TimelineView | null): Place {
  const visible = view?.visible();
  const seq = visible && timeline.items[visible.from]?.seq;
  return view?.follows() !== false || seq == null ? { end: true } : { around: seq };
}
