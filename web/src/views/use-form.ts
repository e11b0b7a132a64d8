import { createEffect, createSignal, on } from "solid-js";
import { t } from "../text";
import { fieldTexts } from "../text/problem";

/** As long as a name of a person or a group may be. */
export const name_chars_max = 80;

/** What is wrong, by the name of the field. */
export type Errors = Record<string, string>;

interface FormOptions {
  /** What can be seen to be wrong without asking the server. */
  check: () => Errors;
  send: () => Promise<unknown>;
  /** What went wrong with none of the fields. */
  onFailure: (problem: unknown) => void;
}

/** Sends a form, and sorts what is wrong with it to its fields; the first of them gets the focus. */
export function useForm(options: FormOptions) {
  const [busy, setBusy] = createSignal(false);
  const [errors, setErrors] = createSignal<Errors>({});

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const show = (found: Errors) => {
      setErrors(found);
      queueMicrotask(() => form.querySelector<HTMLElement>("[aria-invalid]")?.focus());
      return Object.keys(found).length > 0;
    };
    if (busy() || show(options.check())) return;
    setBusy(true);
    try {
      await options.send();
    } catch (problem) {
      if (!show(fieldTexts(problem))) options.onFailure(problem);
    }
    setBusy(false);
  };
  return { busy, errors, submit };
}

/** The fields that may not be left empty, of those given. */
export function needed(fields: Record<string, string>): Errors {
  const blank = Object.entries(fields).filter(([, value]) => value.trim() === "");
  return Object.fromEntries(blank.map(([field]) => [field, t().problem.field.missing]));
}

/** What is written in the place of a value; it follows the value when that changes elsewhere. */
export function createEdited(value: () => string | undefined) {
  const [text, setText] = createSignal("");
  createEffect(on(value, (now) => setText(now ?? "")));
  return [text, setText] as const;
}
