import { A, Navigate, useSearchParams } from "@solidjs/router";
import { createSignal, Show, untrack, type JSX } from "solid-js";
import { Button } from "../../parts/Button";
import { Mark } from "../../parts/Mark";
import { HomePicture } from "../../parts/pictures/pictures";
import { Banner } from "../../parts/small";
import { PasswordField, TextField } from "../../parts/TextField";
import { core } from "../../state/core";
import { me } from "../../state/session";
import { fill } from "../../state/store";
import { t } from "../../text";
import { isProblem, problemText } from "../../text/problem";
import { useForm, type Errors } from "../use-form";
import "./sign.css";

interface SignFormProps {
  title: string;
  /** Stands above the form. */
  note?: JSX.Element;
  testid: string;
  /** The word on the button. */
  action: string;
  check: () => Errors;
  send: () => Promise<unknown>;
  fields: (errors: () => Errors) => JSX.Element;
  /** The way to the other form. */
  other: { href: string; question: string; action: string };
}

/** What signing in and signing up have in common: a page, a form that is sent, and where it leads. */
export function SignForm(props: SignFormProps) {
  const goal = useGoal();
  const [failure, setFailure] = createSignal("");
  const form = useForm({
    check: () => {
      setFailure("");
      return props.check();
    },
    send: async () => {
      await props.send();
      fill(await core().snapshot());
    },
    onFailure: (problem) => setFailure(failureText(problem)),
  });
  const other = () => (goal === "/" ? props.other.href : `${props.other.href}?to=${encodeURIComponent(goal)}`);
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
            {props.note}
            <form class="sign-form" novalidate data-testid={props.testid} onSubmit={(event) => void form.submit(event)}>
              <div role="alert">
                <Show when={failure()}>
                  <Banner tone="danger" icon="alert">
                    {failure()}
                  </Banner>
                </Show>
              </div>
              {props.fields(form.errors)}
              <Button type="submit" variant="primary" wide busy={form.busy()}>
                {props.action}
              </Button>
            </form>
            <p class="sign-other">
              {props.other.question} <A href={other()}>{props.other.action}</A>
            </p>
          </div>
        </main>
      </div>
    </Show>
  );
}

/** Where somebody wanted to go before they had to sign in; never another site. */
function useGoal(): string {
  const [search] = useSearchParams<{ to?: string }>();
  const wanted = untrack(() => search.to);
  return wanted?.startsWith("/") && !wanted.startsWith("//") ? wanted : "/";
}

function failureText(problem: unknown): string {
  if (isProblem(problem) && problem.code === "unauthenticated") return t().sign.wrong;
  if (isProblem(problem) && problem.code === "taken") return t().problem.field.account_taken;
  return problemText(problem);
}

interface FieldProps {
  label: string;
  hint?: string;
  autofocus?: boolean;
  required?: boolean;
  error: string | undefined;
  onInput: (value: string) => void;
}

/** Under which password managers keep an account. */
export function UsernameField(props: FieldProps) {
  return <TextField {...props} name="username" autocomplete="username" autocapitalize="off" spellcheck={false} />;
}

export function SecretField(props: FieldProps & { autocomplete: "current-password" | "new-password" }) {
  return <PasswordField {...props} name="password" required />;
}
