import type { Member } from "@kith/client";
import { For, type JSX } from "solid-js";

import { t } from "../../text";
import { Avatar } from "../Avatar";
import "./MentionList.css";

interface MentionListProps {
  members: Member[];
  chosen: number;
  onChoose: (member: Member) => void;
}

export function MentionList(props: MentionListProps): JSX.Element {
  return (
    <ul
      class="mention-list"
      id="mention-list"
      data-testid="mention-list"
      role="listbox"
      aria-label={t().conversation.mention}
    >
      <For each={props.members}>
        {(member, index) => (
          <li
            id={`mention-${index()}`}
            class="mention-list-member"
            role="option"
            aria-selected={index() === props.chosen}
            onMouseDown={(event) => {
              event.preventDefault();
              props.onChoose(member);
            }}
          >
            <Avatar id={member.user_id} name={member.name} size="s" />
            <bdi>{member.name}</bdi>
          </li>
        )}
      </For>
    </ul>
  );
}
