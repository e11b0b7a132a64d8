import { useNavigate } from "@solidjs/router";
import { createMemo, createSignal, createUniqueId, For, on, createEffect, Show } from "solid-js";
import { Avatar } from "../../parts/Avatar";
import { Dialog } from "../../parts/Dialog";
import { SearchField } from "../../parts/SearchField";
import { Badge, Keys } from "../../parts/small";
import { conversation, conversationRows } from "../../state/conversations";
import { bestFits } from "../../state/fuzzy";
import { closeOverlay } from "../../state/layout";
import { t } from "../../text";
import { usePeopleSearch } from "../use-people-search";
import "./switcher.css";

const results_max = 12;

interface Result {
  address: string;
  avatar: string;
  name: string;
  kind: "person" | "group";
  unread: number;
  line: string;
}

/** Type a few letters, press Enter: the fastest way to a conversation. */
export default function Switcher() {
  const navigate = useNavigate();
  const id = createUniqueId();
  const [query, setQuery] = createSignal("");
  const [active, setActive] = createSignal(0);
  const search = usePeopleSearch(query);

  const results = createMemo<Result[]>(() => {
    const rows = bestFits(query(), conversationRows(), (row) => row.name).map((row) => ({
      address: `/c/${row.conversation_id}`,
      avatar: row.peer?.user_id ?? row.conversation_id,
      name: row.name,
      kind: row.kind === "group" ? ("group" as const) : ("person" as const),
      unread: row.unread,
      line: row.kind === "group" ? t().details.members(row.member_count) : nameLine(row.peer?.username),
    }));
    const people = search
      .people()
      .filter((person) => !conversation(person.user_id))
      .map((person) => ({
        address: `/c/${person.user_id}`,
        avatar: person.user_id,
        name: person.name,
        kind: "person" as const,
        unread: 0,
        line: nameLine(person.username),
      }));
    return [...rows, ...people].slice(0, results_max);
  });
  createEffect(on(query, () => setActive(0)));

  const take = (result: Result | undefined) => {
    if (!result) return;
    closeOverlay();
    navigate(result.address);
  };
  const move = (step: number) => {
    const count = results().length;
    if (count > 0) setActive((at) => (at + step + count) % count);
    document.getElementById(`${id}-${active()}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter") take(results()[active()]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog kind="palette" title={t().switcher.title} testid="switcher" onClose={closeOverlay}>
      <div class="switcher-field">
        <SearchField
          label={t().switcher.placeholder}
          value={query()}
          onInput={setQuery}
          onKeyDown={onKeyDown}
          controls={`${id}-results`}
          active={results().length > 0 ? `${id}-${active()}` : undefined}
        />
      </div>
      <ul class="switcher-results" id={`${id}-results`} role="listbox" aria-label={t().switcher.results}>
        <For each={results()}>
          {(result, at) => (
            <li
              id={`${id}-${at()}`}
              class="switcher-result"
              role="option"
              aria-selected={active() === at()}
              onPointerMove={() => setActive(at())}
              onClick={() => take(result)}
            >
              <Avatar id={result.avatar} name={result.name} kind={result.kind} size="s" />
              <span class="switcher-name one-line" dir="auto">
                {result.name}
              </span>
              <span class="switcher-line one-line" dir="auto">
                {result.line}
              </span>
              <Badge count={result.unread} label={t().list.unread(result.unread)} />
            </li>
          )}
        </For>
      </ul>
      <Show when={results().length === 0 && query().trim() !== ""}>
        <p class="switcher-none">{t().switcher.none(query().trim())}</p>
      </Show>
      <footer class="switcher-hints" aria-hidden="true">
        <span>
          <Keys keys="↑" /> <Keys keys="↓" /> {t().switcher.hint_move}
        </span>
        <span>
          <Keys keys="Enter" /> {t().switcher.hint_open}
        </span>
        <span>
          <Keys keys="Esc" /> {t().switcher.hint_close}
        </span>
      </footer>
    </Dialog>
  );
}

function nameLine(username: string | undefined): string {
  return username === undefined ? "" : `@${username}`;
}
