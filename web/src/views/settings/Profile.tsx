import { createEffect, createSignal, on, Show } from "solid-js";
import { Avatar } from "../../parts/Avatar";
import { Button } from "../../parts/Button";
import { Tag } from "../../parts/small";
import { TextField } from "../../parts/TextField";
import { toast } from "../../parts/toast";
import { core } from "../../state/core";
import { me } from "../../state/session";
import { t } from "../../text";
import { fieldTexts, problemText } from "../../text/problem";

const name_chars_max = 80;
const status_chars_max = 140;

/** How others see me. */
export function Profile() {
  const [name, setName] = createSignal("");
  const [status, setStatus] = createSignal("");
  const [busy, setBusy] = createSignal(false);
  const [errors, setErrors] = createSignal<Record<string, string>>({});
  createEffect(
    on(
      () => me()?.name,
      (value) => setName(value ?? ""),
    ),
  );
  createEffect(
    on(
      () => me()?.status,
      (value) => setStatus(value ?? ""),
    ),
  );
  const changed = () => name().trim() !== me()?.name || status().trim() !== (me()?.status ?? "");

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy()) return;
    setErrors(name().trim() === "" ? { name: t().problem.field.missing } : {});
    if (name().trim() === "") return;
    setBusy(true);
    try {
      await core().updateProfile({ name: name().trim(), status: status().trim() });
      toast({ text: t().form.saved, tone: "success" });
    } catch (problem) {
      setErrors(fieldTexts(problem));
      if (Object.keys(errors()).length === 0) toast({ text: problemText(problem), tone: "danger" });
    }
    setBusy(false);
  };

  return (
    <Show when={me()}>
      {(person) => (
        <>
          <div class="settings-person">
            <Avatar id={person().user_id} name={name() || person().name} size="xl" />
            <div class="settings-person-words">
              <p class="settings-person-name">
                <bdi>{name() || person().name}</bdi>
              </p>
              <Show when={person().operator}>
                <Tag icon="crown" tone="warning">
                  {t().settings.operator}
                </Tag>
              </Show>
            </div>
          </div>
          <form class="settings-form" onSubmit={(event) => void save(event)}>
            <TextField
              label={t().settings.name}
              name="name"
              value={name()}
              maxlength={name_chars_max}
              autocomplete="name"
              required
              error={errors()["name"]}
              onInput={setName}
            />
            <TextField
              label={t().settings.status}
              hint={t().settings.status_hint}
              name="status"
              value={status()}
              maxlength={status_chars_max}
              autocomplete="off"
              error={errors()["status"]}
              onInput={setStatus}
            />
            <Button type="submit" variant="primary" disabled={!changed()} busy={busy()}>
              {t().form.save}
            </Button>
          </form>
          <dl class="settings-facts">
            <div>
              <dt>{t().settings.email}</dt>
              <dd>
                <bdi>{person().email}</bdi>
              </dd>
            </div>
            <Show when={person().username}>
              {(username) => (
                <div>
                  <dt>{t().settings.username}</dt>
                  <dd>
                    <bdi>@{username()}</bdi>
                  </dd>
                </div>
              )}
            </Show>
          </dl>
        </>
      )}
    </Show>
  );
}
