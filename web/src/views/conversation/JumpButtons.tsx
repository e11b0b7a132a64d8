import { type JSX, Show } from "solid-js";

import { Icon } from "../../parts/Icon";
import { format, t } from "../../text";
import "./JumpButtons.css";

interface JumpButtonsProps {
  canGoBack: boolean;
  awayFromEnd: boolean;
  unread: number;
  onBack: () => void;
  onLatest: () => void;
}

export function JumpButtons(props: JumpButtonsProps): JSX.Element {
  return (
    <div class="jump-buttons">
      <Show when={props.canGoBack}>
        <button
          type="button"
          class="jump-button"
          data-testid="jump-back"
          aria-label={t().conversation.jump_back}
          data-tooltip={t().conversation.jump_back}
          onClick={() => {
            props.onBack();
          }}
        >
          <Icon name="reply" />
        </button>
      </Show>
      <Show when={props.awayFromEnd}>
        <button
          type="button"
          class="jump-button"
          data-testid="jump-to-latest"
          aria-label={t().conversation.to_latest(props.unread)}
          onClick={() => {
            props.onLatest();
          }}
        >
          <Show when={props.unread > 0}>
            <span class="jump-button-count">{format().number(props.unread)}</span>
          </Show>
          <Icon name="arrow_down" />
        </button>
      </Show>
    </div>
  );
}
