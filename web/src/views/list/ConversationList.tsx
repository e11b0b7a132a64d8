import { createEffect, createMemo, createSelector, createSignal, For, on, Show, Suspense } from "solid-js";
import { Button } from "../../parts/Button";
import { Skeleton } from "../../parts/small";
import { toast } from "../../parts/toast";
import { conversation, conversationOrder, moreConversations } from "../../state/conversations";
import { core } from "../../state/core";
import { connection } from "../../state/session";
import { t } from "../../text";
import { problemText } from "../../text/problem";
import { later } from "../later";
import { ConversationListRow } from "./ConversationListRow";
import { moveAmongRows } from "./rows";

const NoConversations = later(() => import("./NoConversations"));

/** All conversations, the latest first. Rows out of sight cost nothing: see `content-visibility` in the style. */
export function ConversationList(props: { open: string | undefined; onFind: () => void }) {
  const [busy, setBusy] = createSignal(false);
  const active = () => (props.open === undefined ? undefined : conversation(props.open)?.conversation_id);
  /** The one row that Tab reaches. */
  const [stop, setStop] = createSignal<string>();
  createEffect(on(active, (id) => id !== undefined && setStop(id)));
  const tabStop = createMemo(() => {
    const order = conversationOrder();
    const wanted = stop();
    return wanted !== undefined && order.includes(wanted) ? wanted : order[0];
  });
  const isOpen = createSelector(active);
  const isTabStop = createSelector(tabStop);

  const more = async () => {
    setBusy(true);
    try {
      await core().moreConversations();
    } catch (problem) {
      toast({ text: problemText(problem), tone: "danger" });
    }
    setBusy(false);
  };

  return (
    <div class="list-scroll" data-testid="conversation-list">
      <Show when={conversationOrder().length > 0} fallback={<None onFind={props.onFind} />}>
        <ul class="list-rows" onKeyDown={moveAmongRows} onFocusIn={(event) => setStop(idOf(event.target))}>
          <For each={conversationOrder()}>
            {(id) => (
              <Show when={conversation(id)}>
                {(row) => <ConversationListRow row={row()} open={isOpen(id)} tabStop={isTabStop(id)} />}
              </Show>
            )}
          </For>
        </ul>
        <Show when={moreConversations()}>
          <div class="list-more">
            <Button variant="quiet" wide busy={busy()} onClick={() => void more()}>
              {t().list.more}
            </Button>
          </div>
        </Show>
      </Show>
    </div>
  );
}

function idOf(target: Element): string | undefined {
  return target.closest<HTMLElement>("[data-conversation]")?.dataset["conversation"];
}

function None(props: { onFind: () => void }) {
  const wait = () => <Skeleton rows={7} label={t().form.loading} />;
  return (
    <Show when={connection() !== "connecting"} fallback={wait()}>
      <Suspense fallback={wait()}>
        <NoConversations onFind={props.onFind} />
      </Suspense>
    </Show>
  );
}
