import { useNavigate } from "@solidjs/router";
import type { HistoryPolicy, Person } from "@kith/client";
import { createSignal } from "solid-js";
import { Button } from "../../parts/Button";
import { Radios } from "../../parts/choices";
import { Dialog } from "../../parts/Dialog";
import { TextField } from "../../parts/TextField";
import { core } from "../../state/core";
import { closeOverlay } from "../../state/layout";
import { t } from "../../text";
import { attempt } from "../actions";
import { name_chars_max } from "../use-form";
import { historyChoices } from "./history";
import { PeoplePicker } from "./PeoplePicker";

/** A name, the members, and what those can read who come later. */
export default function NewGroup() {
  const navigate = useNavigate();
  const [name, setName] = createSignal("");
  const [chosen, setChosen] = createSignal<Person[]>([]);
  const [history, setHistory] = createSignal<HistoryPolicy>("all");
  const [busy, setBusy] = createSignal(false);
  const [missing, setMissing] = createSignal(false);
  let field: HTMLInputElement | undefined;

  const create = async () => {
    setMissing(name().trim() === "");
    if (missing()) {
      field?.focus();
      return;
    }
    setBusy(true);
    const form = {
      name: name().trim(),
      participants: chosen().map((person) => person.user_id),
      history_for_new_members: history(),
    };
    await attempt(async () => {
      const group = await core().createGroup(form);
      closeOverlay();
      navigate(`/c/${group}`);
    });
    setBusy(false);
  };

  return (
    <Dialog
      title={t().create.group_title}
      testid="new-group-dialog"
      onClose={closeOverlay}
      footer={
        <>
          <Button variant="quiet" onClick={closeOverlay}>
            {t().form.cancel}
          </Button>
          <Button variant="primary" busy={busy()} data-testid="create-group" onClick={() => void create()}>
            {t().create.create}
          </Button>
        </>
      }
    >
      <div class="create-form">
        <TextField
          ref={(element) => (field = element)}
          label={t().create.group_name}
          name="group_name"
          maxlength={name_chars_max}
          required
          autocomplete="off"
          error={missing() ? t().create.group_name_missing : undefined}
          onInput={(value) => {
            setName(value);
            setMissing(false);
          }}
        />
        <section class="create-section">
          <h3 class="field-label">{t().create.members}</h3>
          <PeoplePicker chosen={chosen()} onChange={setChosen} />
        </section>
        <Radios label={t().create.history} value={history()} choices={historyChoices()} onChange={setHistory} />
      </div>
    </Dialog>
  );
}
