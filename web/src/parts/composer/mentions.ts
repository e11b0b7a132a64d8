import type { Member } from "@kith/client";
import { createEffect, createMemo, createSignal, on } from "solid-js";

import { matchingMembers, type MentionQuery, mentionAt } from "../../state/composer";

const SHOWN_MAX = 6;

interface MentionOptions {
  text: () => string;
  caret: () => number;
  members: () => readonly Member[];
  me: () => string;
  onChoose: (member: Member, query: MentionQuery) => void;
}

/** The members whose names may be meant by what is written before the caret, and which of them is chosen. */
export function createMentions(options: MentionOptions) {
  const [chosen, setChosen] = createSignal(0);
  const [dismissed, setDismissed] = createSignal(-1);
  const query = createMemo(() => mentionAt(options.text(), options.caret()));
  const members = createMemo(() => {
    const found = query();
    if (found === null || found.from === dismissed()) return [];
    return matchingMembers(options.members(), found.query, options.me(), SHOWN_MAX);
  });
  createEffect(
    on(members, () => {
      setChosen(0);
    }),
  );

  const choose = (member: Member | undefined) => {
    const found = query();
    if (found !== null && member !== undefined) options.onChoose(member, found);
  };

  /** Whether the key was for the list. */
  const onKey = (event: KeyboardEvent): boolean => {
    const count = members().length;
    if (count === 0 || event.isComposing) return false;
    if (event.key === "ArrowDown") setChosen((chosen() + 1) % count);
    else if (event.key === "ArrowUp") setChosen((chosen() + count - 1) % count);
    else if (event.key === "Escape") setDismissed(query()?.from ?? -1);
    else if (event.key === "Enter" || event.key === "Tab") choose(members()[chosen()]);
    else return false;
    return true;
  };

  return { members, chosen, choose, onKey };
}
