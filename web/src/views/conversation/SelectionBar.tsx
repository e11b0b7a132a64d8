import { type JSX, Show } from "solid-js";

import { Button } from "../../parts/Button";
import { IconButton } from "../../parts/IconButton";
import { t } from "../../text";
import "./SelectionBar.css";

interface SelectionBarProps {
  count: number;
  deletable: boolean;
  onCopy: () => void;
  onDelete: () => void;
  onLeave: () => void;
}

export function SelectionBar(props: SelectionBarProps): JSX.Element {
  return (
    <div class="selection-bar" data-testid="selection-bar" role="toolbar" aria-label={t().conversation.actions}>
      <IconButton icon="close" label={t().conversation.leave_selection} onClick={() => props.onLeave()} />
      <output class="selection-bar-count">{t().conversation.selected(props.count)}</output>
      <Button
        data-testid="selection-copy"
        disabled={props.count === 0}
        onClick={() => {
          props.onCopy();
        }}
      >
        {t().conversation.copy_selected}
      </Button>
      <Show when={props.deletable}>
        <Button
          variant="danger"
          data-testid="selection-delete"
          onClick={() => {
            props.onDelete();
          }}
        >
          {t().conversation.delete_selected}
        </Button>
      </Show>
    </div>
  );
}
