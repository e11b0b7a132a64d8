import type { MessageItem } from "@kith/client";
import { For, type JSX, Show } from "solid-js";

import { t } from "../../text";
import { Icon } from "../Icon";
import type { IconName } from "../icons";
import { type Action, actionsFor } from "./actions";
import { type Point, useMessageHost } from "./context";
import { Floating } from "./Floating";
import { ReactionBar } from "./ReactionBar";
import "./MessageMenu.css";

const ICONS: Record<Action, IconName> = {
  reply: "reply",
  react: "smile",
  copy: "copy",
  link: "link",
  select: "check_circle",
  info: "info",
  edit: "edit",
  remove: "trash",
  retry: "retry",
  discard: "trash",
};

interface MessageMenuProps {
  item: MessageItem;
  at: Point;
  onClose: () => void;
}

/** Everything that can be done with one message. */
export function MessageMenu(props: MessageMenuProps): JSX.Element {
  const host = useMessageHost();
  const actions = () => actionsFor(props.item, host.standing());
  const choose = (action: Action) => {
    props.onClose();
    host.act(action, props.item);
  };
  return (
    <Floating at={props.at} role="group" label={t().conversation.actions} testid="message-menu" onClose={props.onClose}>
      <Show when={actions().includes("react")}>
        <ReactionBar
          item={props.item}
          onDone={props.onClose}
          onMore={() => {
            props.onClose();
            host.openPicker(props.item, props.at);
          }}
        />
      </Show>
      <div class="message-menu" role="menu" aria-label={t().conversation.actions} onKeyDown={move}>
        <For each={actions().filter((action) => action !== "react")}>
          {(action) => (
            <button
              type="button"
              class="message-menu-item"
              role="menuitem"
              tabindex="-1"
              data-action={action}
              onClick={() => {
                choose(action);
              }}
            >
              <Icon name={ICONS[action]} size="s" />
              {t().conversation.action[action]}
            </button>
          )}
        </For>
      </div>
    </Floating>
  );
}

function move(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items.at(to === items.length ? 0 : to)?.focus();
}
