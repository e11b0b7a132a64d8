import type { JSX } from "solid-js";

import type { Point } from "../../parts/message/context";
import { Floating } from "../../parts/message/Floating";
import { t } from "../../text";
import "./DateFloat.css";

interface DateFloatProps {
  at: Point;
  onClose: () => void;
  /** The beginning of the day that was chosen, where the reader is. */
  onDate: (time_ms: number) => void;
}

export function DateFloat(props: DateFloatProps): JSX.Element {
  return (
    <Floating at={props.at} role="dialog" label={t().conversation.go_to_date} onClose={props.onClose}>
      <form
        class="date-float"
        data-testid="date-float"
        onSubmit={(event) => {
          event.preventDefault();
          const chosen = event.currentTarget.querySelector("input")?.valueAsDate;
          if (chosen == null) return;
          props.onClose();
          props.onDate(new Date(chosen.getUTCFullYear(), chosen.getUTCMonth(), chosen.getUTCDate()).getTime());
        }}
      >
        <label class="date-float-label">
          {t().conversation.go_to_date}
          <input type="date" autofocus required max={today()} />
        </label>
        <button type="submit" class="date-float-go">
          {t().conversation.go}
        </button>
      </form>
    </Floating>
  );
}

function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}
