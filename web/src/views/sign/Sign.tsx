import { A, Navigate, useSearchParams } from "@solidjs/router";
import { createSignal, Show, untrack, type JSX } from "solid-js";
import { Button } from "../../parts/Button";
import { Mark } from "../../parts/Mark";
import { HomePicture } from "../../parts/pictures/pictures";
import { Banner } from "../../parts/small";
import { PasswordField, TextField } from "../../parts/TextField";
import { core } from "../../state/core";
import { me, sessionEnded } from "../../state/session";
import { fill } from "../../state/store";
import { t } from "../../text";
import { fieldTexts, isProblem, problemText } from "../../text/problem";
import { deviceName } from "./device-name";
import "./sign.css";

const password_chars_min = 8;

type Errors = Record<string, string>;

/** Where somebody wanted to go before they had to sign in; never another site. */
function useGoal(): string {
  const [search] = useSearchParams<{ to?: string }>();
  const wanted = untrack(() => search.to);
  return wanted?.startsWith("/") && !wanted.startsWith("//") ? wanted : "/";
}

/** Sends a form, and sorts what is wrong with it to its fields; the first of them gets the focus. */
function useForm(send: () => Promise<unknown>, check: () => Errors) {
  const [busy, setBusy] = createSignal(false);
  const [errors, setErrors] = createSignal<Errors>({});
  const [failure, setFailure] = createSignal("");
  let form: HTMLFormElement | undefined;

  const show = (found: Errors) => {
    setErrors(found);
    queueMicrotask(() => form?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    form = event.currentTarget as HTMLFormElement;
    if (busy()) return;
    setFailure("");
    const wrong = check();
    show(wrong);
    if (Object.keys(wrong).length > 0) return;
    setBusy(true);
    try {
      await send();
      fill(await core().snapshot());
    } catch (problem) {
      const fields = fieldTexts(problem);
      show(fields);
      if (Object.keys(fields).length === 0) setFailure(failureText(problem));
    }
    setBusy(false);
  };
  return { busy, errors, failure, submit };
}

function failureText(problem: unknown): string {
  if (isProblem(problem) && problem.code === "unauthenticated") return t().sign.wrong;
  if (isProblem(problem) && problem.code === "taken") return t().problem.field.account_taken;
  return problemText(problem);
}

export function SignIn() {
  const [username, setUsername] = createSignal("");
  const [password, setPassword] = createSignal("");
  const form = useForm(
    async () => {
      await core().signIn({ username: username().trim(), password: password(), device: deviceName() });
    },
    () => needed({ username: username(), password: password() }),
  );
  return (
    <SignPage
      title={t().sign.in_title}
      other={<Other href="/sign-up" question={t().sign.to_up} action={t().sign.up} />}
    >
      <Show when={sessionEnded()}>
        <Banner tone="warning" icon="info">
          {t().sign.session_ended}
        </Banner>
      </Show>
      <form class="sign-form" novalidate data-testid="sign-in-form" onSubmit={(event) => void form.submit(event)}>
        <Failure text={form.failure()} />
        <TextField
          label={t().sign.login}
          name="username"
          autocomplete="username"
          autocapitalize="off"
          spellcheck={false}
          autofocus
          required
          error={form.errors()["username"]}
          onInput={setUsername}
        />
        <PasswordField
          label={t().sign.password}
          name="password"
          autocomplete="current-password"
          required
          error={form.errors()["password"]}
          onInput={setPassword}
        />
        <Button type="submit" variant="primary" wide busy={form.busy()}>
          {t().sign.in}
        </Button>
      </form>
    </SignPage>
  );
}

export function SignUp() {
  const [name, setName] = createSignal("");
  const [username, setUsername] = createSignal("");
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const form = useForm(
    async () => {
      const chosen = username().trim();
      await core().signUp({
        name: name().trim(),
        email: email().trim(),
        password: password(),
        device: deviceName(),
        ...(chosen !== "" && { username: chosen }),
      });
    },
    () => ({
      ...(Array.from(password()).length < password_chars_min && { password: t().problem.field.password_too_short }),
      ...needed({ name: name(), email: email(), password: password() }),
    }),
  );
  return (
    <SignPage
      title={t().sign.up_title}
      other={<Other href="/sign-in" question={t().sign.to_in} action={t().sign.in} />}
    >
      <form class="sign-form" novalidate data-testid="sign-up-form" onSubmit={(event) => void form.submit(event)}>
        <Failure text={form.failure()} />
        <TextField
          label={t().sign.name}
          hint={t().sign.name_hint}
          name="name"
          autocomplete="name"
          autofocus
          required
          error={form.errors()["name"]}
          onInput={setName}
        />
        <TextField
          label={t().sign.email}
          hint={t().sign.email_hint}
          name="email"
          type="email"
          autocomplete="email"
          required
          error={form.errors()["email"]}
          onInput={setEmail}
        />
        <TextField
          label={t().sign.username}
          hint={t().sign.username_hint}
          name="username"
          autocomplete="username"
          autocapitalize="off"
          spellcheck={false}
          error={form.errors()["username"]}
          onInput={setUsername}
        />
        <PasswordField
          label={t().sign.password}
          hint={t().sign.password_hint}
          name="password"
          autocomplete="new-password"
          required
          error={form.errors()["password"]}
          onInput={setPassword}
        />
        <Button type="submit" variant="primary" wide busy={form.busy()}>
          {t().sign.up}
        </Button>
      </form>
    </SignPage>
  );
}

function needed(fields: Record<string, string>): Errors {
  const blank = Object.entries(fields).filter(([, value]) => value.trim() === "");
  return Object.fromEntries(blank.map(([field]) => [field, t().problem.field.missing]));
}

function Failure(props: { text: string }) {
  return (
    <div role="alert">
      <Show when={props.text}>
        <Banner tone="danger" icon="alert">
          {props.text}
        </Banner>
      </Show>
    </div>
  );
}

function Other(props: { href: string; question: string; action: string }) {
  const goal = useGoal();
  const address = () => (goal === "/" ? props.href : `${props.href}?to=${encodeURIComponent(goal)}`);
  return (
    <p class="sign-other">
      {props.question} <A href={address()}>{props.action}</A>
    </p>
  );
}

function SignPage(props: { title: string; children: JSX.Element; other: JSX.Element }) {
  const goal = useGoal();
  return (
    <Show when={!me()} fallback={<Navigate href={goal} />}>
      <div class="sign">
        <div class="sign-aside" aria-hidden="true">
          <HomePicture />
          <p class="sign-slogan">{t().sign.slogan}</p>
        </div>
        <main class="sign-main" id="main" tabindex="-1">
          <div class="sign-card">
            <div class="sign-brand">
              <Mark />
              <span>Kith</span>
            </div>
            <h1 class="sign-title">{props.title}</h1>
            {props.children}
            {props.other}
          </div>
        </main>
      </div>
    </Show>
  );
}
