import { createSignal, type JSX, Match, onCleanup, onMount, Show, Switch } from "solid-js";

import type { Status } from "./status";
import "./StatusMark.css";

/** A clock that is gone sooner than this was not worth showing. */
const CLOCK_DELAY_MS = 300;

/** How far an own message has come: a leaf of its own, so that a change touches nothing else. */
export function StatusMark(props: { status: Status; text: string }): JSX.Element {
  return (
    <span
      class="status-mark"
      data-testid="message-status"
      data-status={props.status}
      role="img"
      aria-label={props.text}
      title={props.text}
    >
      <Switch>
        <Match when={props.status === "queued" || props.status === "sending"}>
          <Clock />
        </Match>
        <Match when={props.status === "failed"}>
          <svg viewBox="0 0 16 16" class="status-mark-icon">
            <path d="M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5Zm0 3.1v3.9m0 2.3v.1" />
          </svg>
        </Match>
        <Match when={true}>
          <svg viewBox="0 0 16 16" class="status-mark-icon">
            <path d={props.status === "sent" ? "m3 8.5 3.3 3.3L13 5" : "m.9 8.6 3 3.1L10.6 5M8 11.2l.6.5L15.2 5"} />
          </svg>
        </Match>
      </Switch>
    </span>
  );
}

function Clock(): JSX.Element {
  const [due, setDue] = createSignal(false);
  onMount(() => {
    const timer = setTimeout(() => setDue(true), CLOCK_DELAY_MS);
    onCleanup(() => {
      clearTimeout(timer);
    });
  });
  return (
    <Show when={due()}>
      <svg viewBox="0 0 16 16" class="status-mark-icon">
        <path d="M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5ZM8 5v3.2l2 1.3" />
      </svg>
    </Show>
  );
}
