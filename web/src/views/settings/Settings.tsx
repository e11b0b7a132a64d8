import { A, useNavigate, useParams } from "@solidjs/router";
import { createMemo, For, Show, type Component } from "solid-js";
import { Avatar } from "../../parts/Avatar";
import { Button } from "../../parts/Button";
import { Icon } from "../../parts/Icon";
import { IconButton } from "../../parts/IconButton";
import type { IconName } from "../../parts/icons";
import { panes } from "../../state/layout";
import { me } from "../../state/session";
import { t } from "../../text";
import { NothingHere } from "../shell/Lost";
import { signOut } from "../sign/sign-out";
import { About } from "./About";
import { Appearance } from "./Appearance";
import { Blocked } from "./Blocked";
import { Devices } from "./Devices";
import { Keyboard } from "./Keyboard";
import { Notifications, Privacy } from "./Privacy";
import { Profile } from "./Profile";
import { Server } from "./Server";
import "./settings.css";

interface Section {
  name: string;
  label: string;
  hint: string;
  icon: IconName;
  view: Component;
}

function sections(operator: boolean): Section[] {
  const words = t().settings;
  const all: Section[] = [
    { name: "profile", label: words.profile, hint: words.profile_hint, icon: "person", view: Profile },
    { name: "appearance", label: words.appearance, hint: words.appearance_hint, icon: "sun", view: Appearance },
    { name: "privacy", label: words.privacy, hint: words.privacy_hint, icon: "lock", view: Privacy },
    {
      name: "notifications",
      label: words.notifications,
      hint: words.notifications_hint,
      icon: "bell",
      view: Notifications,
    },
    { name: "blocked", label: words.blocked, hint: words.blocked_hint, icon: "block", view: Blocked },
    { name: "devices", label: words.devices, hint: words.devices_hint, icon: "device", view: Devices },
    { name: "keyboard", label: words.keyboard, hint: words.keyboard_hint, icon: "keyboard", view: Keyboard },
  ];
  if (operator) all.push({ name: "server", label: words.server, hint: words.server_hint, icon: "pulse", view: Server });
  all.push({ name: "about", label: words.about, hint: words.about_hint, icon: "info", view: About });
  return all;
}

/** All settings: their list, and the one that is open; on phones one after the other. */
export default function Settings() {
  const params = useParams<{ section?: string }>();
  const navigate = useNavigate();
  const all = createMemo(() => sections(me()?.operator ?? false));
  const name = () => params.section ?? (panes() === 1 ? undefined : "profile");
  const open = () => all().find((section) => section.name === name());

  return (
    <div class="settings" data-open={name() ? "" : undefined}>
      <nav class="settings-nav" aria-label={t().settings.sections}>
        <header class="pane-header">
          <IconButton icon="back" label={t().shell.to_conversations} onClick={() => navigate("/")} />
          <h1 class="pane-title">{t().settings.title}</h1>
        </header>
        <div class="settings-scroll">
          <Show when={me()}>
            {(person) => (
              <A class="settings-me" href="/settings/profile">
                <Avatar id={person().user_id} name={person().name} size="l" />
                <span class="person-words">
                  <span class="settings-me-name one-line" dir="auto">
                    {person().name}
                  </span>
                  <span class="person-line one-line" dir="auto">
                    {person().username ? `@${person().username ?? ""}` : person().email}
                  </span>
                </span>
              </A>
            )}
          </Show>
          <ul>
            <For each={all()}>
              {(section) => (
                <li>
                  <A
                    class="settings-link"
                    href={`/settings/${section.name}`}
                    aria-current={name() === section.name ? "page" : undefined}
                  >
                    <Icon name={section.icon} />
                    <span class="person-words">
                      <span class="settings-link-label">{section.label}</span>
                      <span class="person-line">{section.hint}</span>
                    </span>
                    <Icon name="chevron_end" size="s" />
                  </A>
                </li>
              )}
            </For>
          </ul>
          <Button variant="quiet" icon="sign_out" wide data-testid="sign-out" onClick={() => void signOut()}>
            {t().settings.sign_out}
          </Button>
        </div>
      </nav>
      <Show when={name()}>
        <Show when={open()} fallback={<NothingHere />}>
          {(section) => (
            <section class="settings-section" aria-label={section().label}>
              <header class="pane-header">
                <Show when={panes() === 1}>
                  <IconButton icon="back" label={t().form.back} onClick={() => navigate("/settings")} />
                </Show>
                <h2 class="pane-title">{section().label}</h2>
              </header>
              <div class="settings-scroll">
                <div class="settings-body">
                  <Show when={section().view} keyed>
                    {(View) => <View />}
                  </Show>
                </div>
              </div>
            </section>
          )}
        </Show>
      </Show>
    </div>
  );
}
