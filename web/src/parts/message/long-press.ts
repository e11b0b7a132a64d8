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
  const press = (target: EventTarget | null) => {
    cancel();
    swallowClick();
    onPress(target, from);
  };
  const listen = (name: "pointerdown" | "pointermove", run: (event: PointerEvent) => void) => {
    element.addEventListener(name, run, { signal: stopping.signal, passive: true });
  };
  listen("pointerdown", (event) => {
    if (event.pointerType !== "touch" || !event.isPrimary) return;
    from = { x: event.clientX, y: event.clientY };
    cancel();
    timer = setTimeout(() => {
      press(event.target);
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
      if (timer !== undefined) press(event.target);
    },
    { signal: stopping.signal },
  );
  return () => {
    cancel();
    stopping.abort();
  };
}

/** What appears under the finger is not meant when the finger is lifted. */
function swallowClick(): void {
  const lifted = new AbortController();
  const { signal } = lifted;
  const swallow = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
    lifted.abort();
  };
  document.addEventListener("click", swallow, { capture: true, signal });
  document.addEventListener("pointerdown", () => lifted.abort(), { capture: true, signal });
}
