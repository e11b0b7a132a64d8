import type { JSX } from "solid-js";
import { Show } from "solid-js";

import { Icon } from "../../parts/Icon";
import { IconButton } from "../../parts/IconButton";
import { plain } from "../../parts/message/markup";
import type { Mode } from "../../state/composer";
import { t } from "../../text";
import "./ComposerBar.css";

interface ComposerBarProps {
  mode: Mode;
  nameOf: (user_id: string) => string;
  onLeave: () => void;
  onJump: (seq: number) => void;
}

/** What is being answered or edited, above the field. */
export function ComposerBar(props: ComposerBarProps): JSX.Element {
  const about = () => (props.mode.kind === "write" ? null : props.mode);
  return (
    <Show when={about()}>
      {(mode) => (
        <div class="composer-bar" data-testid={mode().kind === "edit" ? "edit-bar" : "reply-bar"}>
          <Icon name={mode().kind === "edit" ? "edit" : "reply"} size="s" />
          <button
            type="button"
            class="composer-bar-words"
            onClick={() => {
              const { seq } = mode().item;
              if (seq !== null) props.onJump(seq);
            }}
          >
            <strong>
              {mode().kind === "edit"
                ? t().conversation.editing
                : t().conversation.replying_to(props.nameOf(mode().item.sender_id))}
            </strong>
            <span class="one-line" dir="auto">
              {plain((mode().item.text ?? "").slice(0, 200))}
            </span>
          </button>
          <IconButton
            icon="close"
            label={mode().kind === "edit" ? t().conversation.cancel_edit : t().conversation.cancel_reply}
            onClick={() => {
              props.onLeave();
            }}
          />
        </div>
      )}
    </Show>
  );
}
