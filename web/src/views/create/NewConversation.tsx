import { useNavigate } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { Dialog } from "../../parts/Dialog";
import { Icon } from "../../parts/Icon";
import { PersonRow } from "../../parts/PersonRow";
import { SearchField } from "../../parts/SearchField";
import { closeOverlay, openOverlay } from "../../state/layout";
import { t } from "../../text";
import { moveAmongRows } from "../list/rows";
import { usePeopleSearch } from "../use-people-search";
import { SearchNote } from "./SearchNote";
import "./create.css";

/** Whom to write to. */
export default function NewConversation() {
  const navigate = useNavigate();
  const [query, setQuery] = createSignal("");
  const search = usePeopleSearch(query);
  let list!: HTMLDivElement;

  const open = (user_id: string) => {
    closeOverlay();
    navigate(`/c/${user_id}`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const first = search.people()[0];
    if (event.key === "Enter" && !event.isComposing && first) open(first.user_id);
    else if (event.key === "ArrowDown") list.querySelector<HTMLElement>("[data-row]")?.focus();
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title={t().create.title} testid="new-conversation-dialog" onClose={closeOverlay}>
      <div class="create-search">
        <SearchField label={t().create.search} value={query()} onInput={setQuery} onKeyDown={onKeyDown} />
      </div>
      <div class="create-list" ref={list} onKeyDown={moveAmongRows}>
        <Show when={query() === ""}>
          <button
            type="button"
            class="create-row"
            data-row
            data-testid="new-group"
            onClick={() => openOverlay("new-group")}
          >
            <span class="create-group-icon">
              <Icon name="group" />
            </span>
            <span class="person-words">
              <span class="person-name">{t().create.new_group}</span>
              <span class="person-line">{t().create.group_hint}</span>
            </span>
            <Icon name="chevron_end" size="s" />
          </button>
        </Show>
        <ul aria-label={t().create.results}>
          <For each={search.people()}>
            {(person) => (
              <li>
                <button
                  type="button"
                  class="create-row"
                  data-row
                  data-testid="person-result"
                  data-user={person.user_id}
                  onClick={() => open(person.user_id)}
                >
                  <PersonRow person={person} />
                </button>
              </li>
            )}
          </For>
        </ul>
        <SearchNote query={query()} state={search.state()} found={search.people().length} />
      </div>
    </Dialog>
  );
}
