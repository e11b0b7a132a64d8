import { createResource, Match, Switch } from "solid-js";
import { Button } from "../../parts/Button";
import { IconButton } from "../../parts/IconButton";
import { EmptyState, Skeleton } from "../../parts/small";
import { conversation } from "../../state/conversations";
import { detail, openDetail } from "../../state/details";
import { setDetailsOpen } from "../../state/layout";
import { t } from "../../text";
import { problemText } from "../../text/problem";
import { GroupDetails } from "./GroupDetails";
import { PersonDetails } from "./PersonDetails";
import "./details.css";

/** The third pane: what there is to know about a conversation, and to change. */
export default function DetailsPane(props: { conversation: string }) {
  return (
    <div class="details-pane" data-testid="details-panel">
      <header class="pane-header">
        <h2 class="pane-title">{t().shell.details}</h2>
        <IconButton icon="close" label={t().form.close} onClick={() => setDetailsOpen(false)} />
      </header>
      <div class="details-scroll">
        <DetailsBody conversation={props.conversation} />
      </div>
    </div>
  );
}

export function DetailsBody(props: { conversation: string }) {
  const row = () => conversation(props.conversation);
  const id = () => row()?.conversation_id ?? props.conversation;
  const [asked, { refetch }] = createResource(id, openDetail);
  const answer = () => (asked.state === "ready" ? asked.latest.conversation_id : "");
  const known = () => detail(id()) ?? detail(answer());
  /** A person with whom there is no conversation yet. */
  const stranger = () => (row() ? undefined : props.conversation);

  return (
    <Switch fallback={<Skeleton rows={4} label={t().form.loading} />}>
      <Match when={row()?.kind === "direct" && row()?.peer}>
        {(peer) => <PersonDetails user_id={peer().user_id} conversation={row()} />}
      </Match>
      <Match when={known()?.kind === "group" && known()}>{(group) => <GroupDetails group={group()} />}</Match>
      <Match when={asked.error === undefined ? undefined : stranger()}>
        {(user_id) => <PersonDetails user_id={user_id()} conversation={undefined} />}
      </Match>
      <Match when={known()?.peer}>
        {(peer) => <PersonDetails user_id={peer().user_id} conversation={undefined} />}
      </Match>
      <Match when={asked.error as unknown}>
        {(problem) => (
          <EmptyState
            level="part"
            title={t().details.failed}
            actions={<Button onClick={() => void refetch()}>{t().form.try_again}</Button>}
          >
            {problemText(problem())}
          </EmptyState>
        )}
      </Match>
    </Switch>
  );
}
