import { createSignal, type JSX, onCleanup } from "solid-js";

import { ANNOUNCE_EVERY_MS, announcement, type Heard } from "../../state/announcer";
import { format, t } from "../../text";

interface LiveRegionProps {
  handle: (say: (heard: Heard) => void) => void;
}

/** Tells those who do not see it what came, but not more often than one can listen. */
export function LiveRegion(props: LiveRegionProps): JSX.Element {
  const [text, setText] = createSignal("");
  let waiting: Heard[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const speak = () => {
    timer = undefined;
    const { announce_one: one, announce_many: many } = t().conversation;
    setText(announcement(waiting, { one, many, list: format().list }));
    // What was said is taken away, so that the same words are said again when they come again.
    if (waiting.length > 0) timer = setTimeout(speak, ANNOUNCE_EVERY_MS);
    waiting = [];
  };
  onCleanup(() => {
    clearTimeout(timer);
  });

  // It is handed over once.
  // eslint-disable-next-line solid/reactivity
  props.handle((heard) => {
    waiting.push(heard);
    timer ??= setTimeout(speak, 0);
  });

  return (
    <div class="only-spoken" data-testid="live-region" role="status" aria-live="polite">
      {text()}
    </div>
  );
}
