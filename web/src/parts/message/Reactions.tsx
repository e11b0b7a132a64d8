import type { MessageItem, ReactionCount } from "@kith/client";
import { For, type JSX } from "solid-js";

import { format, t } from "../../text";
import { useMessageHost } from "./context";
import "./Reactions.css";

/** More names than this are said as a number. */
const NAMES_SHOWN = 5;

export function Reactions(props: { item: MessageItem }): JSX.Element {
  const host = useMessageHost();
  return (
    <div class="reactions" role="group" aria-label={t().conversation.reactions}>
      <For each={props.item.reactions}>{(reaction) => <Chip reaction={reaction} item={props.item} />}</For>
      <button
        type="button"
        class="reaction reaction-who"
        aria-label={t().conversation.who_reacted}
        title={t().conversation.who_reacted}
        onClick={() => {
          host.showReactions(props.item);
        }}
      >
        …
      </button>
    </div>
  );
}

function Chip(props: { reaction: ReactionCount; item: MessageItem }): JSX.Element {
  const host = useMessageHost();
  const own = () => props.reaction.user_ids.includes(host.standing().me);
  const names = () => {
    const shown = props.reaction.user_ids.slice(0, NAMES_SHOWN).map(host.nameOf);
    const others = props.reaction.count - shown.length;
    return format().list(others > 0 ? [...shown, t().conversation.others(others)] : shown);
  };
  const label = () => t().conversation.reacted(names(), props.reaction.emoji);
  return (
    <button
      type="button"
      class="reaction"
      data-testid="reaction"
      data-emoji={props.reaction.emoji}
      aria-pressed={own()}
      aria-label={label()}
      title={label()}
      onClick={() => {
        host.react(props.item, props.reaction.emoji);
      }}
    >
      <span class="reaction-emoji">{props.reaction.emoji}</span>
      <span class="reaction-count">{format().number(props.reaction.count)}</span>
    </button>
  );
}
