import { Show } from "solid-js";
import { Mark } from "../../parts/Mark";
import { me } from "../../state/session";
import { t } from "../../text";

export function About() {
  return (
    <div class="settings-about">
      <Mark size="l" />
      <p class="settings-person-name">Kith</p>
      <p>{t().settings.about_body}</p>
      <dl class="settings-facts">
        <div>
          <dt>{t().settings.about_server}</dt>
          <dd>
            <bdi>{location.host}</bdi>
          </dd>
        </div>
        <Show when={me()}>
          {(person) => (
            <div>
              <dt>{t().settings.about_account}</dt>
              <dd>
                <bdi>{person().email}</bdi>
              </dd>
            </div>
          )}
        </Show>
      </dl>
      <Show when={me()?.operator}>
        <p class="settings-note">{t().settings.operator_note}</p>
      </Show>
    </div>
  );
}
