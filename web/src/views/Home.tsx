import { useLocation, useNavigate, useParams } from "@solidjs/router";
import { createEffect, createSignal, onCleanup, onMount, Show, Suspense, type JSX } from "solid-js";
import { conversation } from "../state/conversations";
import { onEscape } from "../state/escape";
import { detailsOpen, panes, setBackToList, setDetailsOpen } from "../state/layout";
import { t } from "../text";
import { ListPane } from "./list/ListPane";
import { focusRow } from "./list/rows";
import { useShortcuts } from "./shell/use-shortcuts";
import { later } from "./later";
import "./Home.css";

const DetailsPane = later(() => import("./details/DetailsPane"));
const DetailsDrawer = later(() => import("./details/DetailsDrawer"));

/** One, two or three panes: the list, what is open, and its details. */
export function Home(props: { children?: JSX.Element }) {
  const location = useLocation();
  const params = useParams<{ conversation?: string }>();
  const navigate = useNavigate();
  const inSettings = () => location.pathname.startsWith("/settings");
  const open = () => (inSettings() ? undefined : params.conversation);
  const view = () => (inSettings() ? "settings" : open() ? "conversation" : "list");

  // Messages come before what is beside them.
  const [painted, setPainted] = createSignal(false);
  onMount(() => requestAnimationFrame(() => setTimeout(() => setPainted(true))));

  setBackToList(() => navigate("/"));
  useShortcuts();
  onCleanup(onEscape("panel", closePanel));
  onCleanup(onEscape("conversation", closeConversation));

  function closePanel(): boolean {
    if (!open() || !detailsOpen()) return false;
    setDetailsOpen(false);
    return true;
  }

  function closeConversation(): boolean {
    const left = open();
    if (!left) return false;
    navigate("/");
    focusRow(conversation(left)?.conversation_id ?? left);
    return true;
  }

  // What lay above another conversation does not lie above this one.
  createEffect(() => {
    open();
    if (panes() < 3) setDetailsOpen(false);
  });

  return (
    <div class="panes" data-view={view()} data-details={panes() === 3 && open() && detailsOpen() ? "" : undefined}>
      <div class="pane-list" data-testid="pane-list" inert={inSettings() || (panes() === 1 && view() !== "list")}>
        <ListPane open={open()} />
      </div>
      <main
        class="pane-main"
        id="main"
        tabindex="-1"
        data-testid="pane-main"
        aria-label={inSettings() ? t().settings.title : t().shell.conversation}
      >
        <Suspense>{props.children}</Suspense>
      </main>
      <Show when={detailsOpen() && open()}>
        {(id) => (
          <Show
            when={panes() === 3}
            fallback={
              <Suspense>
                <DetailsDrawer conversation={id()} />
              </Suspense>
            }
          >
            <aside class="pane-details" aria-label={t().shell.details} data-testid="pane-details">
              <Show when={painted()}>
                <Suspense>
                  <DetailsPane conversation={id()} />
                </Suspense>
              </Show>
            </aside>
          </Show>
        )}
      </Show>
    </div>
  );
}
