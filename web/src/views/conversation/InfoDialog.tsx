import type { Member, MessageItem } from "@kith/client";
import { For, type JSX, Show } from "solid-js";

import { Avatar } from "../../parts/Avatar";
import { Dialog } from "../../parts/Dialog";
import { reachedOf, readersOf } from "../../parts/message/status";
import { format, t } from "../../text";
import type { Company } from "./people";
import "./InfoDialog.css";

interface InfoDialogProps {
  item: MessageItem;
  company: Company;
  onClose: () => void;
}

/** When a message was sent, and whom it has reached. */
export default function InfoDialog(props: InfoDialogProps): JSX.Element {
  const readers = () => readersOf(props.item, props.company.members());
  const reached = () => reachedOf(props.item, props.company.members());
  return (
    <Dialog
      title={t().conversation.info_title}
      size="s"
      testid="message-info"
      onClose={() => {
        props.onClose();
      }}
    >
      <dl class="info-times">
        <dt>{t().conversation.sent_at}</dt>
        <dd>{format().dateTime(props.item.sent_at)}</dd>
        <Show when={props.item.edited_at}>
          {(time) => (
            <>
              <dt>{t().conversation.edited_at}</dt>
              <dd>{format().dateTime(time())}</dd>
            </>
          )}
        </Show>
      </dl>
      <PersonList title={t().conversation.read_by_title} members={readers()} />
      <PersonList title={t().conversation.delivered_to_title} members={reached()} />
    </Dialog>
  );
}

function PersonList(props: { title: string; members: Member[] }): JSX.Element {
  return (
    <section class="info-people">
      <h3>{props.title}</h3>
      <Show when={props.members.length > 0} fallback={<p>{t().conversation.nobody_yet}</p>}>
        <ul>
          <For each={props.members}>
            {(member) => (
              <li class="info-person">
                <Avatar id={member.user_id} name={member.name} size="s" />
                <bdi>{member.name}</bdi>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </section>
  );
}
