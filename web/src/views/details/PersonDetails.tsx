import type { ConversationRow } from "@kith/client";
import { createResource, Show, type JSX } from "solid-js";
import { Avatar } from "../../parts/Avatar";
import { Button } from "../../parts/Button";
import { Switch } from "../../parts/choices";
import { confirm } from "../../parts/confirm";
import { Fact, Facts } from "../../parts/Facts";
import { Banner } from "../../parts/small";
import { toast } from "../../parts/toast";
import { blockedPeople, reloadBlocked } from "../../state/blocked";
import { core } from "../../state/core";
import { keepPeople, person } from "../../state/people";
import { me } from "../../state/session";
import { format, t } from "../../text";
import { attempt, toggleMute } from "../actions";

/** Somebody's profile. */
export function PersonDetails(props: {
  user_id: string;
  conversation: ConversationRow | undefined;
  action?: JSX.Element;
}) {
  // Looked at, a profile is as fresh as it can be.
  createResource(
    () => props.user_id,
    async (user_id) => {
      const found = await core().person(user_id);
      keepPeople([found]);
      return found;
    },
  );
  const shown = () => person(props.user_id);
  const name = () => shown()?.name ?? props.conversation?.name ?? t().event.somebody;
  const username = () => (shown()?.username === undefined ? undefined : `@${shown()?.username ?? ""}`);
  const isBlocked = () => blockedPeople()?.some((one) => one.user_id === props.user_id) ?? false;
  const presence = () => {
    if (shown()?.online) return t().details.online;
    const seen = shown()?.last_seen_at;
    return seen === undefined ? "" : t().details.last_seen(format().relative(seen));
  };

  const block = async () => {
    const yes = await confirm({
      title: t().details.block_title(name()),
      body: t().details.block_body(name()),
      action: t().details.block,
      tone: "danger",
    });
    if (!yes) return;
    const id = props.user_id;
    if (await attempt(() => core().block(id))) toast({ text: t().details.blocked(name()) });
    await reloadBlocked();
  };
  const unblock = async () => {
    const id = props.user_id;
    if (await attempt(() => core().unblock(id))) toast({ text: t().details.unblocked(name()) });
    await reloadBlocked();
  };

  return (
    <div class="details">
      <header class="details-head">
        <Avatar id={props.user_id} name={name()} size="xl" />
        <h3 class="details-name">
          <bdi>{name()}</bdi>
        </h3>
        <Show when={presence()}>
          <p class="details-presence" data-online={shown()?.online ? "" : undefined}>
            {presence()}
          </p>
        </Show>
        {props.action}
      </header>
      <Show when={isBlocked()}>
        <Banner tone="warning" icon="block">
          {t().details.blocked_note}
        </Banner>
      </Show>
      <Facts>
        <Fact name={t().details.about} value={shown()?.status} />
        <Fact name={t().details.username} value={username()} />
      </Facts>
      <Show when={props.conversation}>
        {(row) => (
          <section class="details-section">
            <Switch
              label={t().details.mute}
              hint={t().details.mute_hint}
              checked={row().muted}
              onChange={() => toggleMute(row())}
            />
          </section>
        )}
      </Show>
      <Show when={props.user_id !== me()?.user_id}>
        <section class="details-section">
          <Show
            when={isBlocked()}
            fallback={
              <Button variant="danger-soft" wide icon="block" onClick={() => void block()}>
                {t().details.block}
              </Button>
            }
          >
            <Button wide onClick={() => void unblock()}>
              {t().details.unblock}
            </Button>
          </Show>
        </section>
      </Show>
    </div>
  );
}
