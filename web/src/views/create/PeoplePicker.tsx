import type { Person } from "@kith/client";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Avatar } from "../../parts/Avatar";
import { Icon } from "../../parts/Icon";
import { PersonRow } from "../../parts/PersonRow";
import { SearchField } from "../../parts/SearchField";
import { conversationRows } from "../../state/conversations";
import { bestFits } from "../../state/fuzzy";
import { t } from "../../text";
import { usePeopleSearch } from "../use-people-search";
import { SearchNote } from "./SearchNote";
import "./create.css";

/** Several people: those one talks to anyway, and others by a search. */
export function PeoplePicker(props: {
  chosen: Person[];
  onChange: (chosen: Person[]) => void;
  /** Who is there already. */
  without?: string[];
}) {
  const [query, setQuery] = createSignal("");
  const search = usePeopleSearch(query);
  const without = createMemo(() => new Set(props.without));
  const known = createMemo(() => conversationRows().flatMap((row) => row.peer ?? []));
  const shown = createMemo(() => {
    const near = bestFits(query(), known(), (person) => person.name);
    const ids = new Set(near.map((person) => person.user_id));
    const others = search.people().filter((person) => !ids.has(person.user_id));
    return [...near, ...others].filter((person) => !without().has(person.user_id));
  });
  const isChosen = (user_id: string) => props.chosen.some((person) => person.user_id === user_id);
  const toggle = (person: Person) => {
    const rest = props.chosen.filter((other) => other.user_id !== person.user_id);
    props.onChange(rest.length < props.chosen.length ? rest : [...rest, person]);
  };

  return (
    <div class="picker">
      <Show when={props.chosen.length > 0}>
        <ul class="picker-chosen" aria-label={t().create.chosen(props.chosen.length)}>
          <For each={props.chosen}>
            {(person) => (
              <li>
                <button
                  type="button"
                  class="picker-chip"
                  aria-label={t().create.remove(person.name)}
                  onClick={() => toggle(person)}
                >
                  <Avatar id={person.user_id} name={person.name} size="xs" />
                  <bdi class="one-line">{person.name}</bdi>
                  <Icon name="close" size="s" />
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <SearchField label={t().create.search} value={query()} onInput={setQuery} />
      <ul class="create-list" aria-label={t().create.results}>
        <For each={shown()}>
          {(person) => (
            <li>
              <label class="create-row" data-testid="person-result" data-user={person.user_id}>
                <PersonRow
                  person={person}
                  end={
                    <input
                      class="checkbox-input"
                      type="checkbox"
                      aria-label={person.name}
                      checked={isChosen(person.user_id)}
                      onChange={() => toggle(person)}
                    />
                  }
                />
              </label>
            </li>
          )}
        </For>
      </ul>
      <SearchNote query={query()} state={search.state()} found={shown().length} />
    </div>
  );
}
