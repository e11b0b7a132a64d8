import type { MessageItem } from "@kith/client";
import { createMemo, type JSX, Show } from "solid-js";

import { format, t } from "../../text";
import { Avatar } from "../Avatar";
import { useMessageHost } from "./context";
import { Markup } from "./Markup";
import { emojiOnly } from "./markup";
import { Quote } from "./Quote";
import { Reactions } from "./Reactions";
import { Refusal } from "./Refusal";
import { StatusMark } from "./StatusMark";
import { Toolbar } from "./Toolbar";
import "./MessageBubble.css";

interface BubbleProps {
  item: MessageItem;
  /** Whether it begins or ends a group of one author. */
  starts: boolean;
  ends: boolean;
  /** Whether the pointer or the focus is here. */
  hovered: boolean;
}

export function MessageBubble(props: BubbleProps): JSX.Element {
  const host = useMessageHost();
  const own = () => props.item.sender_id === host.standing().me;
  const inGroup = () => host.standing().kind === "group" && !own();
  // What a message answers never changes.
  // eslint-disable-next-line solid/reactivity
  const reply_to = props.item.reply_to;
  const emoji = createMemo(() => (props.item.text === null ? null : emojiOnly(props.item.text)));
  return (
    <div
      class="message"
      data-own={own() ? "" : undefined}
      data-starts={props.starts ? "" : undefined}
      data-ends={props.ends ? "" : undefined}
      data-emoji-only={emoji() ?? undefined}
    >
      <Show when={inGroup()}>
        <div class="message-avatar">
          <Show when={props.ends}>
            <Avatar id={props.item.sender_id} name={host.nameOf(props.item.sender_id)} size="s" />
          </Show>
        </div>
      </Show>
      <div class="message-column">
        <div class="message-bubble" data-failed={props.item.state === "failed" ? "" : undefined}>
          <Show when={inGroup() && props.starts}>
            <bdi class="message-author" data-testid="message-author">
              {host.nameOf(props.item.sender_id)}
            </bdi>
          </Show>
          {reply_to !== null && <Quote message_id={reply_to} />}
          <Body item={props.item} own={own()} />
        </div>
        <Show when={props.item.state === "failed"}>
          <Refusal item={props.item} />
        </Show>
        <Show when={props.item.reactions.length > 0}>
          <Reactions item={props.item} />
        </Show>
        <Show when={props.hovered}>
          <Toolbar item={props.item} />
        </Show>
      </div>
    </div>
  );
}

function Body(props: { item: MessageItem; own: boolean }): JSX.Element {
  const host = useMessageHost();
  const deleted = () => props.item.deleted || host.isBeingRemoved(props.item);
  return (
    <div class="message-body">
      <Show
        when={!deleted() && props.item.text !== null}
        fallback={
          <em class="message-tombstone" data-testid="tombstone">
            {t().conversation.deleted}
          </em>
        }
      >
        <Markup text={props.item.text ?? ""} names={host.names()} me={host.nameOf(host.standing().me)} />
      </Show>
      <span class="message-meta">
        <Show when={props.item.edited_at !== null && !deleted()}>
          <span data-testid="message-edited">{t().conversation.edited}</span>
        </Show>
        <time datetime={props.item.sent_at}>{format().time(props.item.sent_at)}</time>
        <Show when={props.own && !deleted()}>
          <StatusMark status={host.status(props.item)} text={host.statusText(props.item)} />
        </Show>
      </span>
    </div>
  );
}
