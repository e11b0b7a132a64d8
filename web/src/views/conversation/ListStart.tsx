import { type JSX, Match, Show, Switch } from "solid-js";

import { Button } from "../../parts/Button";
import { EmptyState } from "../../parts/small";
import { Spinner } from "../../parts/Spinner";
import type { TimelineStore } from "../../state/timeline-store";
import { t } from "../../text";
import { problemText } from "../../text/problem";
import "./ListStart.css";

interface ListStartProps {
  store: TimelineStore;
  name: string;
  onRetry: () => void;
}

/** What stands before the first row: where the conversation begins, or why there is nothing. */
export function ListStart(props: ListStartProps): JSX.Element {
  const timeline = () => props.store.timeline;
  const empty = () => timeline().reached_start && timeline().items.length === 0;
  return (
    <Switch>
      <Match when={props.store.status() === "failed"}>
        <div class="list-start-middle">
          <EmptyState
            level="part"
            title={t().conversation.failed_title}
            actions={
              <Button
                onClick={() => {
                  props.onRetry();
                }}
              >
                {t().conversation.retry}
              </Button>
            }
          >
            {problemText(props.store.problem())}
          </EmptyState>
        </div>
      </Match>
      <Match when={props.store.status() === "loading"}>
        <BubbleSkeleton />
      </Match>
      <Match when={empty()}>
        <div class="list-start-middle">
          <EmptyState level="part" title={t().conversation.empty_title}>
            {t().conversation.empty(props.name)}
          </EmptyState>
        </div>
      </Match>
      <Match when={timeline().reached_start}>
        <p class="list-start-begin">
          {timeline().first > 1 ? t().conversation.beginning_history : t().conversation.beginning}
        </p>
      </Match>
      <Match when={props.store.problem()}>
        {(problem) => (
          <div class="list-start-more" role="alert">
            <span>{problemText(problem())}</span>
            <Button
              onClick={() => {
                void props.store.load("before");
              }}
            >
              {t().conversation.retry}
            </Button>
          </div>
        )}
      </Match>
      <Match when={true}>
        <div class="list-start-more" aria-hidden="true">
          <Show when={props.store.loads("before")}>
            <Spinner />
          </Show>
        </div>
      </Match>
    </Switch>
  );
}

function BubbleSkeleton(): JSX.Element {
  return (
    <div class="bubble-skeleton" role="status" aria-label={t().conversation.loading}>
      <span />
      <span />
      <span />
      <span />
      <span />
      <span />
    </div>
  );
}
