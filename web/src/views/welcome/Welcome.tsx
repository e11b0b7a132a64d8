import { useNavigate } from "@solidjs/router";
import type { Me } from "@kith/client";
import { Show } from "solid-js";
import { Icon } from "../../parts/Icon";
import type { IconName } from "../../parts/icons";
import { HomePicture } from "../../parts/pictures/pictures";
import { openOverlay } from "../../state/layout";
import { t } from "../../text";
import "./welcome.css";

/** For whoever has no conversation yet: where they are, and what to do first. */
export default function Welcome(props: { me: Me }) {
  const navigate = useNavigate();
  return (
    <div class="welcome">
      <div class="welcome-card">
        <HomePicture />
        <h2 class="welcome-title">{t().welcome.title(props.me.name)}</h2>
        <p class="welcome-words">{t().welcome.body}</p>
        <Show when={props.me.operator}>
          <section class="welcome-operator" data-testid="operator-welcome">
            <Icon name="crown" />
            <div>
              <h3>{t().welcome.operator_title}</h3>
              <p>{t().welcome.operator}</p>
            </div>
          </section>
        </Show>
        <ul class="welcome-steps">
          <Step
            icon="search"
            title={t().welcome.find}
            hint={t().welcome.find_hint}
            run={() => openOverlay("new-conversation")}
          />
          <Step
            icon="group"
            title={t().welcome.group}
            hint={t().welcome.group_hint}
            run={() => openOverlay("new-group")}
          />
          <Step
            icon="person"
            title={t().welcome.profile}
            hint={t().welcome.profile_hint}
            run={() => navigate("/settings/profile")}
          />
        </ul>
      </div>
    </div>
  );
}

function Step(props: { icon: IconName; title: string; hint: string; run: () => void }) {
  return (
    <li>
      <button type="button" class="welcome-step" onClick={() => props.run()}>
        <span class="welcome-icon">
          <Icon name={props.icon} />
        </span>
        <span class="welcome-step-words">
          <span class="welcome-step-title">{props.title}</span>
          <span class="welcome-step-hint">{props.hint}</span>
        </span>
        <Icon name="chevron_end" size="s" />
      </button>
    </li>
  );
}
