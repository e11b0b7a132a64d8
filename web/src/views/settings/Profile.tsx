import { Show } from "solid-js";
import { Avatar } from "../../parts/Avatar";
import { Button } from "../../parts/Button";
import { Fact, Facts } from "../../parts/Facts";
import { Tag } from "../../parts/small";
import { TextField } from "../../parts/TextField";
import { toast } from "../../parts/toast";
import { core } from "../../state/core";
import { me } from "../../state/session";
import { t } from "../../text";
import { problemText } from "../../text/problem";
import { createEdited, name_chars_max, needed, useForm } from "../use-form";

const status_chars_max = 140;

/** How others see me. */
export function Profile() {
  const [name, setName] = createEdited(() => me()?.name);
  const [status, setStatus] = createEdited(() => me()?.status);
  const changed = () => name().trim() !== me()?.name || status().trim() !== (me()?.status ?? "");
  const form = useForm({
    check: () => needed({ name: name() }),
    send: async () => {
      await core().updateProfile({ name: name().trim(), status: status().trim() });
      toast({ text: t().form.saved, tone: "success" });
    },
    onFailure: (problem) => toast({ text: problemText(problem), tone: "danger" }),
  });
  const username = () => (me()?.username === undefined ? undefined : `@${me()?.username ?? ""}`);

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
          <form class="settings-form" onSubmit={(event) => void form.submit(event)}>
            <TextField
              label={t().settings.name}
              name="name"
              value={name()}
              maxlength={name_chars_max}
              autocomplete="name"
              required
              error={form.errors()["name"]}
              onInput={setName}
            />
            <TextField
              label={t().settings.status}
              hint={t().settings.status_hint}
              name="status"
              value={status()}
              maxlength={status_chars_max}
              autocomplete="off"
              error={form.errors()["status"]}
              onInput={setStatus}
            />
            <Button type="submit" variant="primary" disabled={!changed()} busy={form.busy()}>
              {t().form.save}
            </Button>
          </form>
          <div class="settings-facts">
            <Facts>
              <Fact name={t().settings.email} value={person().email} />
              <Fact name={t().settings.username} value={username()} />
            </Facts>
          </div>
        </>
      )}
    </Show>
  );
}
