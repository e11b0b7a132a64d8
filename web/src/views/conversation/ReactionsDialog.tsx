import type { MessageItem } from "@kith/client";
import { For, type JSX } from "solid-js";

import { Avatar } from "../../parts/Avatar";
import { Dialog } from "../../parts/Dialog";
import { t } from "../../text";
import type { Company } from "./people";
import "./InfoDialog.css";

interface ReactionsDialogProps {
  item: MessageItem;
  company: Company;
  onClose: () => void;
}

/** Who reacted with what. */
export default function ReactionsDialog(props: ReactionsDialogProps): JSX.Element {
  return (
    <Dialog
      title={t().conversation.who_reacted}
      size="s"
      testid="reactions-dialog"
      onClose={() => {
        props.onClose();
      }}
    >
      <ul>
        <For each={props.item.reactions}>
          {({ emoji, user_ids }) => (
            <For each={user_ids}>
              {(user_id) => (
                <li class="info-person">
                  <Avatar id={user_id} name={props.company.nameOf(user_id)} size="s" />
                  <bdi>{props.company.nameOf(user_id)}</bdi>
                  <span class="info-person-emoji">{emoji}</span>
                </li>
              )}
            </For>
          )}
        </For>
      </ul>
    </Dialog>
  );
}
