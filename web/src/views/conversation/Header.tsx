import type { ConversationDetail, ConversationRow, Person } from "@kith/client";
import { type JSX, Show } from "solid-js";

import { Avatar } from "../../parts/Avatar";
import { IconButton } from "../../parts/IconButton";
import { backToList, detailsOpen, toggleDetails } from "../../state/layout";
import { format, t } from "../../text";
import "./Header.css";

interface HeaderProps {
  conversation: string;
  row: ConversationRow | undefined;
  detail: ConversationDetail | undefined;
  peer: Person | undefined;
  name: string;
  typing: string[];
  nameOf: (user_id: string) => string;
}

export function Header(props: HeaderProps): JSX.Element {
  const group = () => (props.detail ?? props.row)?.kind === "group";
  return (
    <header class="conversation-header">
      <IconButton icon="back" label={t().conversation.back} data-testid="pane-back" onClick={backToList} />
      <button type="button" class="conversation-header-who" aria-expanded={detailsOpen()} onClick={toggleDetails}>
        <Avatar
          id={props.peer?.user_id ?? props.conversation}
          name={props.name}
          kind={group() ? "group" : "person"}
          size="s"
          online={props.peer?.online}
        />
        <span class="conversation-header-words">
          <h2 class="conversation-header-name one-line">
            <bdi>{props.name}</bdi>
          </h2>
          <Subtitle {...props} />
        </span>
      </button>
      <IconButton icon="panel" label={t().conversation.details} aria-pressed={detailsOpen()} onClick={toggleDetails} />
    </header>
  );
}

function Subtitle(props: HeaderProps): JSX.Element {
  const state = () => {
    const peer = props.peer;
    if (peer?.online === true) return t().conversation.online;
    if (peer?.last_seen_at !== undefined) {
      return t().conversation.last_seen(format().relative(peer.last_seen_at));
    }
    const known = props.detail ?? props.row;
    return known?.kind === "group" ? t().conversation.members(known.member_count) : "";
  };
  const typing = () => {
    const [first, ...others] = props.typing;
    if (first === undefined) return "";
    if (others.length > 0) return t().conversation.typing_many(props.typing.length);
    const direct = (props.detail ?? props.row)?.kind !== "group";
    return direct ? t().conversation.typing_direct : t().conversation.typing_one(props.nameOf(first));
  };
  return (
    <Show when={typing()} fallback={<span class="conversation-header-state one-line">{state()}</span>}>
      <span class="conversation-header-state one-line" data-testid="typing-line">
        {typing()}
      </span>
    </Show>
  );
}
