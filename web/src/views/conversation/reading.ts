import { onCleanup } from "solid-js";

/** Positions are told no closer together than this. */
const READ_EVERY_MS = 250;

/** Tells how far was read: only what was in view, while the page had the attention. */
export function createReading(position: () => number, tell: (seq: number) => void): () => void {
  let told = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const say = () => {
    timer = undefined;
    const seq = position();
    if (seq <= told || document.visibilityState !== "visible" || !document.hasFocus()) return;
    told = seq;
    tell(seq);
    timer = setTimeout(say, READ_EVERY_MS);
  };
  const look = () => {
    timer ??= setTimeout(say, 0);
  };

  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
  onCleanup(() => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
    removeEventListener("focus", look);
  });
  return look;
}
