import { A, useNavigate } from "@solidjs/router";
import { createSignal, Show, Suspense } from "solid-js";
import { Avatar } from "../../parts/Avatar";
import { IconButton } from "../../parts/IconButton";
import { Mark } from "../../parts/Mark";
import { menuIsOpenAt, openMenu } from "../../parts/menu";
import { SearchField } from "../../parts/SearchField";
import { openOverlay } from "../../state/layout";
import { me } from "../../state/session";
import { keysText } from "../../state/shortcuts";
import { t } from "../../text";
import { signOut } from "../sign/sign-out";
import { ConversationList } from "./ConversationList";
import { later } from "../later";
import "./list.css";

const SearchResults = later(() => import("./SearchResults"));

/** Who I am, a search in everything, and my conversations. */
export function ListPane(props: { open: string | undefined }) {
  const [query, setQuery] = createSignal("");
  let pane!: HTMLElement;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && query() !== "") {
      event.preventDefault();
      setQuery("");
    } else if (event.key === "ArrowDown" && !event.altKey) {
      event.preventDefault();
      pane.querySelector<HTMLElement>("[data-row]")?.focus();
    }
  };

  return (
    <nav class="list-pane" aria-label={t().shell.conversations} ref={pane}>
      <header class="pane-header">
        <A class="list-brand" href="/" aria-label="Kith">
          <Mark />
        </A>
        <h1 class="pane-title">Kith</h1>
        <IconButton
          icon="compose"
          label={t().list.new}
          keys={keysText("Alt+n")}
          data-testid="new-conversation"
          onClick={() => openOverlay("new-conversation")}
        />
        <OwnMenu />
      </header>
      <div class="list-search" role="search">
        <SearchField label={t().list.search} value={query()} onInput={setQuery} onKeyDown={onKeyDown} />
      </div>
      <Show
        when={query().trim() !== ""}
        fallback={<ConversationList open={props.open} onFind={() => openOverlay("new-conversation")} />}
      >
        <Suspense>
          <SearchResults query={query().trim()} open={props.open} onTaken={() => setQuery("")} />
        </Suspense>
      </Show>
    </nav>
  );
}

function OwnMenu() {
  const navigate = useNavigate();
  let button: HTMLButtonElement | undefined;
  const open = (event: MouseEvent) =>
    openMenu(event, t().list.menu, [
      [
        { label: t().settings.profile, icon: "person", run: () => navigate("/settings/profile") },
        { label: t().create.new_group, icon: "group", run: () => openOverlay("new-group") },
      ],
      [
        { label: t().settings.title, icon: "settings", keys: keysText("Mod+,"), run: () => navigate("/settings") },
        { label: t().keyboard.title, icon: "keyboard", keys: "?", run: () => openOverlay("keyboard") },
      ],
      [{ label: t().settings.sign_out, icon: "sign_out", run: () => void signOut() }],
    ]);
  return (
    <Show when={me()}>
      {(person) => (
        <button
          type="button"
          class="own-button"
          ref={button}
          aria-label={t().list.menu}
          aria-haspopup="menu"
          aria-expanded={menuIsOpenAt(button)}
          data-tooltip={t().list.menu}
          data-testid="own-menu"
          onClick={open}
        >
          <Avatar id={person().user_id} name={person().name} size="s" />
        </button>
      )}
    </Show>
  );
}
