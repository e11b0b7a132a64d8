import { createSignal, createUniqueId, Show, splitProps, type JSX } from "solid-js";
import { t } from "../text";
import { IconButton } from "./IconButton";
import { Icon } from "./Icon";
import "./Field.css";

export interface TextFieldProps extends Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "class" | "id" | "onInput"> {
  label: string;
  hint?: string | undefined;
  /** What is wrong, and what to do about it. */
  error?: string | undefined;
  onInput?: (value: string) => void;
  ref?: (element: HTMLInputElement) => void;
  /** Stands inside of the field, at its end. */
  end?: JSX.Element;
}

export function TextField(props: TextFieldProps) {
  const [own, rest] = splitProps(props, ["label", "hint", "error", "onInput", "end"]);
  const id = createUniqueId();
  const [written, setWritten] = createSignal(false);
  /** An empty field begins where the page begins, a filled one where its words do. */
  const direction = () => (written() || rest.value ? "auto" : undefined);
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {own.label}
      </label>
      <div class="field-box">
        <input
          type="text"
          dir={direction()}
          {...rest}
          class="field-input"
          id={id}
          aria-invalid={own.error ? "true" : undefined}
          aria-describedby={own.error ? `${id}-error` : own.hint ? `${id}-hint` : undefined}
          onInput={(event) => {
            setWritten(event.currentTarget.value !== "");
            own.onInput?.(event.currentTarget.value);
          }}
        />
        {own.end}
      </div>
      <Show when={own.error} fallback={<Hint id={`${id}-hint`} text={own.hint} />}>
        <p class="field-error" id={`${id}-error`}>
          <Icon name="alert" size="s" />
          <span>{own.error}</span>
        </p>
      </Show>
    </div>
  );
}

function Hint(props: { id: string; text: string | undefined }) {
  return (
    <Show when={props.text}>
      <p class="field-hint" id={props.id}>
        {props.text}
      </p>
    </Show>
  );
}

/** A password that can be looked at; says so when the capitals are locked. */
export function PasswordField(props: Omit<TextFieldProps, "type" | "end">) {
  const [shown, setShown] = createSignal(false);
  const [capitals, setCapitals] = createSignal(false);
  const watch = (event: KeyboardEvent) => setCapitals(event.getModifierState("CapsLock"));
  return (
    <TextField
      {...props}
      dir="ltr"
      type={shown() ? "text" : "password"}
      hint={capitals() ? t().form.caps_lock : props.hint}
      spellcheck={false}
      autocapitalize="off"
      onKeyDown={watch}
      onKeyUp={watch}
      onBlur={() => setCapitals(false)}
      end={
        <IconButton
          icon={shown() ? "eye_off" : "eye"}
          label={shown() ? t().form.hide_password : t().form.show_password}
          aria-pressed={shown()}
          onClick={() => setShown((value) => !value)}
        />
      }
    />
  );
}
