import { createEffect, createSignal, onCleanup, Show } from "solid-js";
import { Button } from "../../parts/Button";
import { Banner } from "../../parts/small";
import { me, offlineSince_ms } from "../../state/session";
import { applyNewVersion, newVersion } from "../../sw/register";
import { t } from "../../text";

/** A shorter interruption is nobody's concern. */
const silence_ms = 2_000;

/** What concerns all panes: no connection, a new version. */
export function Banners() {
  const [offline, setOffline] = createSignal(false);
  createEffect(() => {
    const since_ms = offlineSince_ms();
    if (since_ms === null || !me()) {
      setOffline(false);
      return;
    }
    const timer = setTimeout(() => setOffline(true), Math.max(0, since_ms + silence_ms - Date.now()));
    onCleanup(() => clearTimeout(timer));
  });
  return (
    <>
      <Show when={offline()}>
        <Banner tone="warning" icon="alert" testid="connection-banner">
          <strong>{t().shell.offline_title}</strong> {t().shell.offline}
        </Banner>
      </Show>
      <Show when={newVersion()}>
        <Banner
          tone="plain"
          icon="retry"
          testid="update-banner"
          action={
            <Button variant="primary" onClick={applyNewVersion}>
              {t().shell.update_now}
            </Button>
          }
        >
          {t().shell.update}
        </Banner>
      </Show>
    </>
  );
}
