import { createEffect, createSignal, Match, on, onCleanup, Show, Switch } from "solid-js";
import { Button } from "../../parts/Button";
import { Banner } from "../../parts/small";
import { me, offlineSince_ms } from "../../state/session";
import { applyNewVersion, newVersion } from "../../sw/register";
import { t } from "../../text";

/** A shorter interruption is nobody's concern. */
const silence_ms = 2_000;
/** So long it is said that the connection is back. */
const back_ms = 3_000;

/** Whether there is no connection, or one again after it was said that there is none. */
function useInterruption() {
  const [state, setState] = createSignal<"none" | "offline" | "back">("none");
  const since_ms = () => (me() ? offlineSince_ms() : undefined);
  const later = (next: "none" | "offline", wait_ms: number) => {
    const timer = setTimeout(() => setState(next), wait_ms);
    onCleanup(() => clearTimeout(timer));
  };
  createEffect(
    on(since_ms, (since) => {
      if (typeof since === "number") later("offline", Math.max(0, since + silence_ms - Date.now()));
      else if (since === null && state() === "offline") setState("back");
      else if (state() !== "back") setState("none");
    }),
  );
  createEffect(() => state() === "back" && later("none", back_ms));
  return state;
}

/** What concerns all panes: no connection, a new version. Its place is always there, so that it is read out. */
export function Banners() {
  const interruption = useInterruption();
  return (
    <div role="status">
      <Switch>
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
            <Button variant="primary" onClick={applyNewVersion}>
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
