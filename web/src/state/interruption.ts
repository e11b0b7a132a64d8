import { createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import { connection, me, offlineSince_ms } from "./session";

export type Interruption = "none" | "connecting" | "reconnecting" | "offline" | "back";

/** A shorter interruption is nobody's concern. */
const SILENCE_MS = 2_000;
/** A server that cannot be reached for so long is as good as no network. */
const PATIENCE_MS = 30_000;
/** So long it is said that the connection is back. */
const BACK_MS = 3_000;

export interface Lost {
  since_ms: number;
  /** Whether the device has a network. */
  network: boolean;
  /** Whether there was a connection before. */
  before: boolean;
}

/** What is said of a lost connection, and from when on. */
export function stepsOf({ since_ms, network, before }: Lost): { at_ms: number; says: Interruption }[] {
  if (!network) return [{ at_ms: since_ms + SILENCE_MS, says: "offline" }];
  return [
    { at_ms: since_ms + SILENCE_MS, says: before ? "reconnecting" : "connecting" },
    { at_ms: since_ms + PATIENCE_MS, says: "offline" },
  ];
}

/** Whether the device has a network, unless it said that it has none while there was a connection. */
function createNetwork(): () => boolean {
  const [says, setSays] = createSignal(navigator.onLine);
  const look = () => setSays(navigator.onLine);
  for (const event of ["online", "offline"]) {
    addEventListener(event, look);
    onCleanup(() => {
      removeEventListener(event, look);
    });
  }
  const isWrong = createMemo((was: boolean) => was || (connection() === "online" && !navigator.onLine), false);
  const network = createMemo(() => isWrong() || says());
  return network;
}

function wasLost(said: Interruption): boolean {
  return said === "reconnecting" || said === "offline";
}

/** Whether there is no connection, or one again after it was said that there is none. */
export function createInterruption(): () => Interruption {
  const [says, setSays] = createSignal<Interruption>("none");
  const network = createNetwork();
  const since_ms = createMemo(() => (me() ? offlineSince_ms() : undefined));
  const before = createMemo((was: boolean) => was || connection() === "online", false);
  const later = (next: Interruption, wait_ms: number) => {
    const timer = setTimeout(() => setSays(next), wait_ms);
    onCleanup(() => clearTimeout(timer));
  };

  createEffect(
    on([since_ms, network], ([since, network]) => {
      if (typeof since === "number") {
        const now_ms = Date.now();
        const steps = stepsOf({ since_ms: since, network, before: before() });
        const due = steps.findLast(({ at_ms }) => at_ms <= now_ms);
        if (due !== undefined) setSays(due.says);
        for (const { at_ms, says } of steps) if (at_ms > now_ms) later(says, at_ms - now_ms);
      } else if (since === null && wasLost(says())) setSays("back");
      else if (says() !== "back") setSays("none");
    }),
  );
  createEffect(() => says() === "back" && later("none", BACK_MS));
  return says;
}
