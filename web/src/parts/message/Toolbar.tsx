import type { MessageItem } from "@kith/client";
import { type JSX, Show } from "solid-js";

import { t } from "../../text";
import { IconButton } from "../IconButton";
import { actionsFor } from "./actions";
import { useMessageHost } from "./context";
import "./Toolbar.css";

/** The nearest actions, beside the one message under the pointer or the focus. */
export function Toolbar(props: { item: MessageItem }): JSX.Element {
  const host = useMessageHost();
  const can = () => new Set(actionsFor(props.item, host.standing()));
  const below = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return { x: box.left, y: box.bottom + 4 };
  };
  return (
    <div
      class="message-toolbar"
      data-testid="message-toolbar"
      role="toolbar"
      aria-label={t().conversation.actions}
      data-own={props.item.sender_id === host.standing().me ? "" : undefined}
    >
      <Show when={can().has("react")}>
        <IconButton
          icon="smile"
          label={t().conversation.action.react}
          onClick={(event: MouseEvent) => {
            host.openQuick(props.item, below(event));
          }}
        />
      </Show>
      <Show when={can().has("reply")}>
        <IconButton
          icon="reply"
          label={t().conversation.action.reply}
          onClick={() => {
            host.act("reply", props.item);
          }}
        />
      </Show>
      <Show when={can().has("edit")}>
        <IconButton
          icon="edit"
          label={t().conversation.action.edit}
          onClick={() => {
            host.act("edit", props.item);
          }}
        />
      </Show>
      <IconButton
        icon="more"
        label={t().conversation.action.more}
        onClick={(event: MouseEvent) => {
          host.openMenu(props.item, below(event));
        }}
      />
    </div>
  );
}
