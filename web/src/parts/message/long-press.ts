import type { Point } from "./context";

const PRESS_MS = 450;
/** A finger that moves further is scrolling. */
const SLACK_PX = 10;

/** Calls back when a finger rests on something; the mouse and the keyboard have their own ways. */
export function longPress(element: HTMLElement, onPress: (target: EventTarget | null, at: Point) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from: Point = { x: 0, y: 0 };
  const stopping = new AbortController();
  const cancel = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const listen = (name: "pointerdown" | "pointermove", run: (event: PointerEvent) => void) => {
    element.addEventListener(name, run, { signal: stopping.signal, passive: true });
  };
  listen("pointerdown", (event) => {
    if (event.pointerType !== "touch" || !event.isPrimary) return;
    from = { x: event.clientX, y: event.clientY };
    cancel();
    timer = setTimeout(() => {
      timer = undefined;
      onPress(event.target, from);
    }, PRESS_MS);
  });
  listen("pointermove", (event) => {
    if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > SLACK_PX) cancel();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    element.addEventListener(name, cancel, { signal: stopping.signal });
  }
  // Some browsers have a patience of their own; where theirs ends earlier, it counts.
  element.addEventListener(
    "contextmenu",
    (event) => {
      if (timer === undefined) return;
      cancel();
      onPress(event.target, from);
    },
    { signal: stopping.signal },
  );
  return () => {
    cancel();
    stopping.abort();
  };
}
