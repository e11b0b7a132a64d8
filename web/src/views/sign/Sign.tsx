import { createSignal, Show } from "solid-js";
import { Banner } from "../../parts/small";
import { TextField } from "../../parts/TextField";
import { core } from "../../state/core";
import { sessionEnded } from "../../state/session";
import { t } from "../../text";
import { needed } from "../use-form";
import { deviceName } from "./device-name";
import { SecretField, SignForm, UsernameField } from "./SignForm";

const password_chars_min = 8;

export function SignIn() {
  const [username, setUsername] = createSignal("");
  const [password, setPassword] = createSignal("");
  return (
    <SignForm
      title={t().sign.in_title}
      note={
        <Show when={sessionEnded()}>
          <Banner tone="warning" icon="info">
            {t().sign.session_ended}
          </Banner>
        </Show>
      }
      testid="sign-in-form"
      action={t().sign.in}
      check={() => needed({ username: username(), password: password() })}
      send={() => core().signIn({ username: username().trim(), password: password(), device: deviceName() })}
      other={{ href: "/sign-up", question: t().sign.to_up, action: t().sign.up }}
      fields={(errors) => (
        <>
          <UsernameField label={t().sign.login} autofocus required error={errors()["username"]} onInput={setUsername} />
          <SecretField
            label={t().sign.password}
            autocomplete="current-password"
            error={errors()["password"]}
            onInput={setPassword}
          />
        </>
      )}
    />
  );
}

export function SignUp() {
  const [name, setName] = createSignal("");
  const [username, setUsername] = createSignal("");
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const send = () => {
    const chosen = username().trim();
    return core().signUp({
      name: name().trim(),
      email: email().trim(),
      password: password(),
      device: deviceName(),
      ...(chosen !== "" && { username: chosen }),
    });
  };
  const check = () => ({
    ...(Array.from(password()).length < password_chars_min && { password: t().problem.field.password_too_short }),
    ...needed({ name: name(), email: email(), password: password() }),
  });
  return (
    <SignForm
      title={t().sign.up_title}
      testid="sign-up-form"
      action={t().sign.up}
      check={check}
      send={send}
      other={{ href: "/sign-in", question: t().sign.to_in, action: t().sign.in }}
      fields={(errors) => (
        <>
          <TextField
            label={t().sign.name}
            hint={t().sign.name_hint}
            name="name"
            autocomplete="name"
            autofocus
            required
            error={errors()["name"]}
            onInput={setName}
          />
          <TextField
            label={t().sign.email}
            hint={t().sign.email_hint}
            name="email"
            type="email"
            autocomplete="email"
            required
            error={errors()["email"]}
            onInput={setEmail}
          />
          <UsernameField
            label={t().sign.username}
            hint={t().sign.username_hint}
            error={errors()["username"]}
            onInput={setUsername}
          />
          <SecretField
            label={t().sign.password}
            hint={t().sign.password_hint}
            autocomplete="new-password"
            error={errors()["password"]}
            onInput={setPassword}
          />
        </>
      )}
    />
  );
}
