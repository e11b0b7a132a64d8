import type { Preferences } from "@kith/client";
import { Radios, Switch } from "../../parts/choices";
import { changePreferences, preferences } from "../../state/preferences";
import { t } from "../../text";
import { attempt } from "../actions";

function change(next: Partial<Omit<Preferences, "version">>): void {
  void attempt(() => changePreferences(next));
}

/** What others may know. */
export function Privacy() {
  const set = (privacy: Partial<Preferences["privacy"]>) => change({ privacy: { ...preferences.privacy, ...privacy } });
  return (
    <div class="settings-switches">
      <Switch
        label={t().settings.discoverable}
        hint={t().settings.discoverable_hint}
        checked={preferences.privacy.discoverable}
        onChange={(discoverable) => set({ discoverable })}
      />
      <Switch
        label={t().settings.presence}
        hint={t().settings.presence_hint}
        checked={preferences.privacy.show_presence}
        onChange={(show_presence) => set({ show_presence })}
      />
      <Switch
        label={t().settings.receipts}
        hint={t().settings.receipts_hint}
        checked={preferences.privacy.send_read_receipts}
        onChange={(send_read_receipts) => set({ send_read_receipts })}
      />
    </div>
  );
}

/** What I am told about. */
export function Notifications() {
  const set = (notifications: Partial<Preferences["notifications"]>) =>
    change({ notifications: { ...preferences.notifications, ...notifications } });
  return (
    <div class="settings-switches">
      <Radios
        label={t().settings.messages}
        value={preferences.notifications.messages}
        choices={[
          { value: "all", label: t().settings.messages_all },
          { value: "mentions", label: t().settings.messages_mentions },
          { value: "none", label: t().settings.messages_none },
        ]}
        onChange={(messages) => set({ messages })}
      />
      <Switch
        label={t().settings.preview}
        hint={t().settings.preview_hint}
        checked={preferences.notifications.preview}
        onChange={(preview) => set({ preview })}
      />
      <Switch
        label={t().settings.sound}
        checked={preferences.notifications.sound}
        onChange={(sound) => set({ sound })}
      />
      <p class="settings-note">{t().settings.notifications_note}</p>
    </div>
  );
}
