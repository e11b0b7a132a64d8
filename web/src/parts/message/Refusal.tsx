import type { MessageItem } from "@kith/client";
import type { JSX } from "solid-js";

import { t } from "../../text";
import { useMessageHost } from "./context";
import "./Refusal.css";

/** Why a message was refused, and what can be done about it. */
export function Refusal(props: { item: MessageItem }): JSX.Element {
  const host = useMessageHost();
  return (
    <div class="refusal">
      <span>{t().conversation.refused(props.item.problem)}</span>
      <button
        type="button"
        data-testid="message-retry"
        onClick={() => {
          host.act("retry", props.item);
        }}
      >
        {t().conversation.action.retry}
      </button>
      <button
        type="button"
        data-testid="message-discard"
        onClick={() => {
          host.act("discard", props.item);
        }}
      >
        {t().conversation.action.discard}
      </button>
    </div>
  );
}
