import type { JSX } from "solid-js";

import "./EventLine.css";

/** What happened to the conversation itself: a quiet line. */
export function EventLine(props: { text: string }): JSX.Element {
  return (
    <p class="event-line" dir="auto">
      {props.text}
    </p>
  );
}
