import { A, useNavigate } from "@solidjs/router";
import type { ConversationRow } from "@kith/client";
import { createMemo, Show } from "solid-js";
import { Avatar } from "../../parts/Avatar";
import { Icon } from "../../parts/Icon";
import { openMenu } from "../../parts/menu";
import { Badge } from "../../parts/small";
import { person } from "../../state/people";
import { me } from "../../state/session";
import { typingIn } from "../../state/typing";
import { format, t } from "../../text";
import { markRead, toggleMute } from "../actions";
import { previewOf } from "./preview";

export function ConversationListRow(props: { row: ConversationRow; open: boolean; tabStop: boolean }) {
  const navigate = useNavigate();
  const address = () => `/c/${props.row.conversation_id}`;
  const online = () => props.row.peer && (person(props.row.peer.user_id) ?? props.row.peer).online;
  const unread = () => (props.open ? 0 : props.row.unread);

  const actions = (event: MouseEvent) =>
    openMenu(event, t().list.actions_for(props.row.name), [
      [
        { label: t().list.open, icon: "chevron_end", run: () => navigate(address()) },
        ...(props.row.unread > 0
          ? [{ label: t().list.mark_read, icon: "check_double" as const, keys: "R", run: () => markRead(props.row) }]
          : []),
        {
          label: props.row.muted ? t().list.unmute : t().list.mute,
          icon: props.row.muted ? "bell" : "bell_off",
          keys: "M",
          run: () => toggleMute(props.row),
        },
      ],
    ]);

  return (
    <li class="list-row" data-unread={unread() > 0 ? "" : undefined}>
      <A
        class="list-link"
        href={address()}
        data-row
        data-testid="conversation-row"
        data-conversation={props.row.conversation_id}
        aria-current={props.open ? "page" : undefined}
        tabindex={props.tabStop ? 0 : -1}
        draggable={false}
        onContextMenu={actions}
      >
        <Avatar
          id={props.row.peer?.user_id ?? props.row.conversation_id}
          name={props.row.name}
          kind={props.row.kind === "group" ? "group" : "person"}
          online={online() ?? false}
        />
        <span class="list-words">
          <span class="list-line">
            <span class="list-name one-line" dir="auto">
              {props.row.name}
            </span>
            <Show when={online()}>
              <span class="only-spoken">, {t().list.online}</span>
            </Show>
            <Show when={props.row.muted}>
              <span class="list-muted">
                <Icon name="bell_off" size="s" />
                <span class="only-spoken">{t().list.muted}</span>
              </span>
            </Show>
            <time class="list-time" datetime={props.row.last_activity_at}>
              {format().short(props.row.last_activity_at)}
            </time>
          </span>
          <span class="list-line">
            <PreviewLine row={props.row} />
            <span class="list-badge" data-testid="unread-badge">
              <Badge count={unread()} label={t().list.unread(unread())} muted={props.row.muted} />
            </span>
          </span>
        </span>
      </A>
    </li>
  );
}

function PreviewLine(props: { row: ConversationRow }) {
  const preview = createMemo(() =>
    previewOf(props.row, {
      me: me()?.user_id ?? "",
      typing: typingIn(props.row.conversation_id),
      nameOf: (user_id) => person(user_id)?.name ?? t().event.somebody,
      words: t(),
    }),
  );
  const failed = () => props.row.last_item?.kind === "message" && props.row.last_item.state === "failed";
  const waits = () =>
    props.row.last_item?.kind === "message" &&
    (props.row.last_item.state === "queued" || props.row.last_item.state === "sending");
  return (
    <span
      class="list-preview"
      data-kind={preview().kind}
      data-testid={preview().kind === "draft" ? "row-draft" : undefined}
    >
      <Show when={failed()}>
        <span class="list-failed">{t().list.failed}</span>
      </Show>
      <Show when={waits() && preview().kind === "text"}>
        <Icon name="clock" size="s" />
      </Show>
      <Show when={preview().lead}>
        <span class="list-lead one-line" dir="auto">
          {preview().lead}{" "}
        </span>
      </Show>
      <span class="list-text one-line" dir="auto">
        {preview().text}
      </span>
    </span>
  );
}
