import { Show } from "solid-js";
import { Fact, Facts } from "../../parts/Facts";
import { Mark } from "../../parts/Mark";
import { me } from "../../state/session";
import { t } from "../../text";

export function About() {
  return (
    <div class="settings-about">
      <Mark size="l" />
      <p class="settings-person-name">Kith</p>
      <p>{t().settings.about_body}</p>
      <div class="settings-facts">
        <Facts>
          <Fact name={t().settings.about_server} value={location.host} />
          <Fact name={t().settings.about_account} value={me()?.email} />
        </Facts>
      </div>
      <Show when={me()?.operator}>
        <p class="settings-note">{t().settings.operator_note}</p>
      </Show>
    </div>
  );
}
