import { For, Match, Switch } from "solid-js";
import { Button } from "../../parts/Button";
import { PersonRow } from "../../parts/PersonRow";
import { EmptyState, Skeleton } from "../../parts/small";
import { toast } from "../../parts/toast";
import { blockedPeople, reloadBlocked } from "../../state/blocked";
import { core } from "../../state/core";
import { t } from "../../text";
import { attempt } from "../actions";

export function Blocked() {
  const unblock = async (user_id: string, name: string) => {
    if (await attempt(() => core().unblock(user_id))) toast({ text: t().details.unblocked(name) });
    await reloadBlocked();
  };
  return (
    <Switch fallback={<Skeleton rows={3} label={t().form.loading} />}>
      <Match when={blockedPeople()?.length === 0}>
        <EmptyState level="part" title={t().settings.blocked_none_title}>
          {t().settings.blocked_none}
        </EmptyState>
      </Match>
      <Match when={blockedPeople()}>
        {(people) => (
          <ul class="settings-rows">
            <For each={people()}>
              {(person) => (
                <li class="settings-row" data-testid="blocked-person" data-user={person.user_id}>
                  <PersonRow
                    person={person}
                    end={
                      <Button onClick={() => void unblock(person.user_id, person.name)}>{t().details.unblock}</Button>
                    }
                  />
                </li>
              )}
            </For>
          </ul>
        )}
      </Match>
    </Switch>
  );
}
