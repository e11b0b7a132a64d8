import { createEffect, createSignal, Match, on, onMount, Show, Suspense, Switch, type Component } from "solid-js";
import { closeMenu, menu } from "../../parts/menu";
import { question } from "../../parts/confirm";
import { overlay } from "../../state/layout";
import { me } from "../../state/session";
import { fetchViews, later } from "../later";

const MenuHost = later(() => import("../../parts/MenuHost"));
const ConfirmHost = later(() => import("../../parts/Dialog"));
const Switcher = later(() => import("../switcher/Switcher"));
const NewConversation = later(() => import("../create/NewConversation"));
const NewGroup = later(() => import("../create/NewGroup"));
const KeyboardSheet = later(() => import("./KeyboardSheet"));
const PersonDialog = later(() => import("../details/PersonDialog"));

/** What lies over the panes. Each is loaded when it is first needed. */
export function Overlays() {
  onMount(() => void fetchViews());
  createEffect(on(overlay, closeMenu));
  return (
    <>
      <Once when={menu() !== null} host={MenuHost} />
      <Once when={question() !== null} host={ConfirmHost} />
      <Show when={me()}>
        <Suspense>
          <Switch>
            <Match when={overlay() === "switcher"}>
              <Switcher />
            </Match>
            <Match when={overlay() === "new-conversation"}>
              <NewConversation />
            </Match>
            <Match when={overlay() === "new-group"}>
              <NewGroup />
            </Match>
            <Match when={overlay() === "keyboard"}>
              <KeyboardSheet />
            </Match>
            <Match when={overlay() === "person"}>
              <PersonDialog />
            </Match>
          </Switch>
        </Suspense>
      </Show>
    </>
  );
}

/** From the first time on it stays, so that it can close with all that belongs to it. */
function Once(props: { when: boolean; host: Component }) {
  const [needed, setNeeded] = createSignal(false);
  createEffect(() => props.when && setNeeded(true));
  return (
    <Show when={needed()}>
      <Suspense>
        <props.host />
      </Suspense>
    </Show>
  );
}
