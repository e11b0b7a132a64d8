import { useNavigate } from "@solidjs/router";
import type { ConversationDetail, HistoryPolicy } from "@kith/client";
import { createSignal, Show } from "solid-js";
import { Button } from "../../parts/Button";
import { Radios, Switch } from "../../parts/choices";
import { TextField } from "../../parts/TextField";
import { conversation } from "../../state/conversations";
import { core } from "../../state/core";
import { openDetail } from "../../state/details";
import { me } from "../../state/session";
import { t } from "../../text";
import { attempt, toggleMute } from "../actions";
import { historyChoices } from "../create/history";
import { createEdited, name_chars_max } from "../use-form";
import { leave } from "./group-actions";

export function GroupSettings(props: { group: ConversationDetail }) {
  const navigate = useNavigate();
  const [name, setName] = createEdited(() => props.group.name);
  const [busy, setBusy] = createSignal(false);
  const manages = () => props.group.role !== "member";
  const muted = () => conversation(props.group.conversation_id)?.muted ?? props.group.muted;
  const renamed = () => name().trim() !== "" && name().trim() !== props.group.name;

  const save = async (change: { name?: string; history_for_new_members?: HistoryPolicy }) => {
    setBusy(true);
    const id = props.group.conversation_id;
    await attempt(() => core().updateGroup(id, change));
    await attempt(() => openDetail(id));
    setBusy(false);
  };
  const rename = (event: SubmitEvent) => {
    event.preventDefault();
    if (renamed() && !busy()) void save({ name: name().trim() });
  };
  const go = async () => {
    if (await leave(props.group, me()?.user_id ?? "")) navigate("/");
  };

  return (
    <div class="details-settings">
      <form class="details-rename" onSubmit={rename}>
        <TextField
          label={t().details.name}
          value={name()}
          maxlength={name_chars_max}
          disabled={!manages()}
          autocomplete="off"
          hint={manages() ? undefined : t().details.settings_admin_only}
          onInput={setName}
        />
        <Show when={renamed()}>
          <Button type="submit" variant="primary" busy={busy()}>
            {t().details.rename}
          </Button>
        </Show>
      </form>
      <Radios
        label={t().details.history}
        value={props.group.history_for_new_members ?? "all"}
        choices={historyChoices()}
        disabled={!manages() || busy()}
        onChange={(history) => void save({ history_for_new_members: history })}
      />
      <Switch
        label={t().details.mute}
        hint={t().details.mute_hint}
        checked={muted()}
        onChange={() => toggleMute({ conversation_id: props.group.conversation_id, muted: muted() })}
      />
      <Show
        when={props.group.role !== "owner" || props.group.member_count === 1}
        fallback={<p class="field-hint">{t().details.leave_owner}</p>}
      >
        <Button variant="danger-soft" wide icon="sign_out" data-testid="leave-group" onClick={() => void go()}>
          {t().details.leave}
        </Button>
      </Show>
    </div>
  );
}
