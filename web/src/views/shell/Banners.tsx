import { Match, Show, Switch } from "solid-js";
import { Button } from "../../parts/Button";
import { Banner } from "../../parts/small";
import { createInterruption } from "../../state/interruption";
import { applyNewVersion, newVersion, newVersionAsked } from "../../sw/register";
import { t } from "../../text";

/** What concerns all panes: no connection, a new version. Its place is always there, so that it is read out. */
export function Banners() {
  const interruption = createInterruption();
  return (
    <div role="status">
      <Switch>
        <Match when={interruption() === "connecting"}>
          <Banner tone="plain" icon="retry" testid="connection-banner">
            {t().shell.connecting}
          </Banner>
        </Match>
        <Match when={interruption() === "reconnecting"}>
          <Banner tone="plain" icon="retry" testid="connection-banner">
            <strong>{t().shell.reconnecting}</strong> {t().shell.offline}
          </Banner>
        </Match>
        <Match when={interruption() === "offline"}>
          <Banner tone="warning" icon="alert" testid="connection-banner">
            <strong>{t().shell.offline_title}</strong> {t().shell.offline}
          </Banner>
        </Match>
        <Match when={interruption() === "back"}>
          <Banner tone="success" icon="check" testid="back-banner">
            {t().shell.back}
          </Banner>
        </Match>
      </Switch>
      <Show when={newVersion()}>
        <Banner
          tone="plain"
          icon="retry"
          testid="update-banner"
          action={
            <Button variant="primary" busy={newVersionAsked()} onClick={applyNewVersion}>
              {t().shell.update_now}
            </Button>
          }
        >
          {t().shell.update}
        </Banner>
      </Show>
    </div>
  );
}
