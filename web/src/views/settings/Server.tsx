import { createResource, createSignal, For, Match, Show, Switch } from "solid-js";
import { Button } from "../../parts/Button";
import { EmptyState, Skeleton, Tag } from "../../parts/small";
import { TextField } from "../../parts/TextField";
import { core } from "../../state/core";
import { format, t } from "../../text";
import { problemText } from "../../text/problem";
import { readHealth, type Health } from "./health";

const days_shown = 30;
const day_ms = 86_400_000;

function dayBefore(days: number): string {
  return new Date(Date.now() - days * day_ms).toISOString().slice(0, 10);
}

/** How the server is, for the one who runs it. */
export function Server() {
  const [from, setFrom] = createSignal(dayBefore(days_shown));
  const [until, setUntil] = createSignal(dayBefore(0));
  const range = () => (from() !== "" && until() !== "" && from() <= until() ? { from: from(), until: until() } : false);
  const [view, { refetch }] = createResource(range, (days) => core().operatorView(days.from, days.until));
  const shown = () => (view.error ? undefined : view.latest);

  return (
    <Switch fallback={<Skeleton rows={3} label={t().form.loading} />}>
      <Match when={view.error as unknown}>
        {(problem) => (
          <EmptyState
            level="part"
            title={problemText(problem())}
            actions={<Button onClick={() => void refetch()}>{t().form.try_again}</Button>}
          />
        )}
      </Match>
      <Match when={shown()}>
        {(now) => (
          <>
            <div class="settings-heading-row">
              <h3 class="settings-heading">{t().settings.health}</h3>
              <Button variant="quiet" icon="retry" busy={view.loading} onClick={() => void refetch()}>
                {t().settings.refresh}
              </Button>
            </div>
            <HealthView health={readHealth(now().health)} />
            <h3 class="settings-heading">{t().settings.statistics}</h3>
            <div class="settings-range">
              <TextField label={t().settings.from} type="date" value={from()} max={until()} onInput={setFrom} />
              <TextField label={t().settings.until} type="date" value={until()} min={from()} onInput={setUntil} />
            </div>
            <div class="settings-figures">
              <Figure label={t().settings.messages_sent} value={format().number(now().messages_sent)} />
              <Figure label={t().settings.active_users} value={format().number(now().active_users)} />
            </div>
          </>
        )}
      </Match>
    </Switch>
  );
}

const tones = { ok: "success", degraded: "warning", failed: "warning" } as const;

function HealthView(props: { health: Health }) {
  return (
    <>
      <div class="settings-figures">
        <Figure label={t().settings.health_cpu} value={props.health.cpu} />
        <Figure label={t().settings.health_memory} value={props.health.memory} />
        <Show when={props.health.p95_ms !== undefined}>
          <Figure label={t().settings.health_response} value={format().milliseconds(props.health.p95_ms ?? 0)} />
        </Show>
        <Show when={props.health.load}>
          {(load) => <Figure label={t().settings.health_load} value={load().map(format().decimal).join(" · ")} />}
        </Show>
      </div>
      <ul class="settings-rows">
        <For each={props.health.components}>
          {(component) => (
            <li class="settings-row">
              <span class="person-words">
                <span class="person-name">
                  <bdi>{componentName(component.name)}</bdi>
                </span>
                <Show when={component.detail}>
                  <span class="person-line">
                    <bdi>{component.detail}</bdi>
                  </span>
                </Show>
              </span>
              <Tag tone={tones[component.status]}>{t().settings[`health_${component.status}`]}</Tag>
            </li>
          )}
        </For>
      </ul>
    </>
  );
}

/** A newer server may have parts that this client has no word for. */
function componentName(name: string): string {
  const names: Record<string, string> = t().settings.health_components;
  return names[name] ?? name;
}

function Figure(props: { label: string; value: string }) {
  return (
    <div class="settings-figure">
      <p class="settings-figure-label">{props.label}</p>
      <p class="settings-figure-value">
        <bdi>{props.value}</bdi>
      </p>
    </div>
  );
}
