import type { Device } from "@kith/client";
import { createResource, For, Match, Show, Switch } from "solid-js";
import { Button } from "../../parts/Button";
import { confirm } from "../../parts/confirm";
import { Icon } from "../../parts/Icon";
import { EmptyState, Skeleton, Tag } from "../../parts/small";
import { toast } from "../../parts/toast";
import { core } from "../../state/core";
import { format, t } from "../../text";
import { problemText } from "../../text/problem";
import { attempt } from "../actions";

/** Where I am signed in, and how to end it. */
export function Devices() {
  const [devices, { refetch }] = createResource(() => core().devices());
  const others = () => (devices.error ? [] : (devices()?.filter((device) => !device.current) ?? []));
  const current = () => (devices.error ? undefined : devices()?.find((device) => device.current));

  const revoke = async (which: Device[]) => {
    const [one] = which;
    if (!one) return;
    const words = t().settings;
    const yes = await confirm({
      title: which.length === 1 ? words.revoke_title(one.device) : words.revoke_all_title,
      body: which.length === 1 ? words.revoke_body : words.revoke_all_body,
      action: words.revoke,
      tone: "danger",
    });
    if (!yes) return;
    const done = await attempt(() => Promise.all(which.map((device) => core().revokeDevice(device.session_id))));
    if (done) toast({ text: words.revoked, tone: "success" });
    await refetch();
  };

  return (
    <Switch>
      <Match when={devices.error as unknown}>
        {(problem) => (
          <EmptyState
            level="part"
            title={problemText(problem())}
            actions={<Button onClick={() => void refetch()}>{t().form.try_again}</Button>}
          />
        )}
      </Match>
      <Match when={devices.state === "pending"}>
        <Skeleton rows={3} label={t().form.loading} />
      </Match>
      <Match when={devices()}>
        <h3 class="settings-heading">{t().settings.this_device}</h3>
        <ul class="settings-rows">
          <Show when={current()}>{(device) => <DeviceRow device={device()} />}</Show>
        </ul>
        <div class="settings-heading-row">
          <h3 class="settings-heading">{t().settings.other_devices}</h3>
          <Show when={others().length > 1}>
            <Button variant="quiet" onClick={() => void revoke(others())}>
              {t().settings.revoke_all}
            </Button>
          </Show>
        </div>
        <Show when={others().length > 0} fallback={<p class="settings-note">{t().settings.devices_only_this}</p>}>
          <ul class="settings-rows">
            <For each={others()}>
              {(device) => <DeviceRow device={device} onRevoke={() => void revoke([device])} />}
            </For>
          </ul>
        </Show>
      </Match>
    </Switch>
  );
}

function DeviceRow(props: { device: Device; onRevoke?: () => void }) {
  const phone = () => /iPhone|Android/.test(props.device.device);
  return (
    <li class="settings-row" data-testid="session-row" data-session={props.device.session_id}>
      <span class="settings-icon">
        <Icon name={phone() ? "phone" : "device"} />
      </span>
      <span class="person-words">
        <span class="person-name one-line" dir="auto">
          {props.device.device}
        </span>
        <span class="person-line">
          {props.device.current ? "" : `${t().settings.device_active(format().relative(props.device.last_seen_at))} · `}
          {t().settings.device_since(format().date(props.device.created_at))}
        </span>
      </span>
      <Show when={props.onRevoke} fallback={<Tag tone="success">{t().details.online}</Tag>}>
        {(revoke) => (
          <Button variant="soft" data-testid="session-revoke" onClick={() => revoke()()}>
            {t().settings.revoke}
          </Button>
        )}
      </Show>
    </li>
  );
}
