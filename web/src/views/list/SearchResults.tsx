import { A } from "@solidjs/router";
import type { Person } from "@kith/client";
import { createMemo, For, Show } from "solid-js";
import { PersonRow } from "../../parts/PersonRow";
import { SearchPicture } from "../../parts/pictures/pictures";
import { EmptyState } from "../../parts/small";
import { conversation, conversationRows } from "../../state/conversations";
import { bestFits } from "../../state/fuzzy";
import { t } from "../../text";
import { usePeopleSearch } from "../use-people-search";
import { ConversationListRow } from "./ConversationListRow";
import { moveAmongRows } from "./rows";

const conversations_max = 20;

/** Conversations by their name, and people whom there is no conversation with yet. */
export default function SearchResults(props: { query: string; open: string | undefined; onTaken: () => void }) {
  const conversations = createMemo(() =>
    bestFits(props.query, conversationRows(), (row) => row.name).slice(0, conversations_max),
  );
  const search = usePeopleSearch(() => props.query);
  const people = () => search.people().filter((person) => !conversation(person.user_id));
  const nothing = () => conversations().length === 0 && people().length === 0 && search.state() !== "searching";

  return (
    <div class="list-scroll" onKeyDown={moveAmongRows}>
      <Show when={conversations().length > 0}>
        <h2 class="list-heading">{t().list.results_conversations}</h2>
        <ul class="list-rows" onClick={() => props.onTaken()}>
          <For each={conversations()}>
            {(row) => <ConversationListRow row={row} open={props.open === row.conversation_id} tabStop />}
          </For>
        </ul>
      </Show>
      <Show when={people().length > 0}>
        <h2 class="list-heading">{t().list.results_people}</h2>
        <ul class="list-rows" onClick={() => props.onTaken()}>
          <For each={people()}>{(person) => <PersonLink person={person} />}</For>
        </ul>
      </Show>
      <Show when={search.state() === "failed"}>
        <p class="list-note">{t().list.search_failed}</p>
      </Show>
      <Show when={nothing() && search.state() === "short"}>
        <p class="list-note">{t().list.search_short}</p>
      </Show>
      <Show when={nothing() && search.state() === "done"}>
        <EmptyState level="part" picture={<SearchPicture />} title={t().list.no_match_title}>
          {t().list.no_match(props.query)}
        </EmptyState>
      </Show>
    </div>
  );
}

function PersonLink(props: { person: Person }) {
  return (
    <li class="list-row">
      <A
        class="list-link"
        href={`/c/${props.person.user_id}`}
        data-row
        data-testid="person-result"
        data-user={props.person.user_id}
      >
        <PersonRow person={props.person} />
      </A>
    </li>
  );
}
