import { Match, Switch } from "solid-js";
import { Spinner } from "../../parts/Spinner";
import { t } from "../../text";
import type { SearchState } from "../use-people-search";

/** Why a search shows nobody. */
export function SearchNote(props: { query: string; state: SearchState; found: number }) {
  return (
    <div class="create-note" role="status">
      <Switch>
        <Match when={props.found > 0}>{null}</Match>
        <Match when={props.state === "short"}>{t().create.start_hint}</Match>
        <Match when={props.state === "searching"}>
          <Spinner />
        </Match>
        <Match when={props.state === "failed"}>{t().list.search_failed}</Match>
        <Match when={props.state === "done"}>{t().create.none(props.query.trim())}</Match>
      </Switch>
    </div>
  );
}
