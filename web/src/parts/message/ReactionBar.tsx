import type { MessageItem } from "@kith/client";
import { For, type JSX } from "solid-js";

import { t } from "../../text";
import { IconButton } from "../IconButton";
import { useMessageHost } from "./context";
import "./ReactionBar.css";

export const QUICK_REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

interface ReactionBarProps {
  item: MessageItem;
  onDone: () => void;
  onMore: () => void;
}

/** The six reactions that are at hand, and the way to all others. */
export function ReactionBar(props: ReactionBarProps): JSX.Element {
  const host = useMessageHost();
  const own = (emoji: string) =>
    props.item.reactions.some((reaction) => reaction.emoji === emoji && reaction.user_ids.includes(host.standing().me));
  return (
    <div class="reaction-bar" role="group" aria-label={t().conversation.action.react}>
      <For each={QUICK_REACTIONS}>
        {(emoji) => (
          <button
            type="button"
            class="reaction-bar-emoji"
            data-testid="quick-reaction"
            data-emoji={emoji}
            aria-label={t().conversation.react_with(emoji)}
            aria-pressed={own(emoji)}
            onClick={() => {
              host.react(props.item, emoji);
              props.onDone();
            }}
          >
            {emoji}
          </button>
        )}
      </For>
      <IconButton
        icon="plus"
        label={t().conversation.more_emoji}
        onClick={() => {
          props.onMore();
        }}
      />
    </div>
  );
}
