import { createUniqueId, For, Show, type JSX } from "solid-js";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import "./Field.css";
import "./choices.css";

export interface Choice<T extends string> {
  value: T;
  label: string;
  icon?: IconName;
  hint?: string;
}

/** One of many, with the platform's own list. */
export function Select<T extends string>(props: {
  label: string;
  value: T;
  choices: Choice<T>[];
  onChange: (value: T) => void;
  hint?: string;
}) {
  const id = createUniqueId();
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {props.label}
      </label>
      <div class="field-box" data-kind="select">
        <select
          id={id}
          class="field-input"
          aria-describedby={props.hint ? `${id}-hint` : undefined}
          onChange={(event) => props.onChange(event.currentTarget.value as T)}
        >
          <For each={props.choices}>
            {(choice) => (
              <option value={choice.value} selected={choice.value === props.value}>
                {choice.label}
              </option>
            )}
          </For>
        </select>
        <Icon name="chevron_down" size="s" />
      </div>
      <Show when={props.hint}>
        <p class="field-hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      </Show>
    </div>
  );
}

/** Something that is on or off at once. */
export function Switch(props: {
  label: string;
  hint?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  const id = createUniqueId();
  return (
    <label class="switch">
      <span class="switch-words">
        <span class="switch-label">{props.label}</span>
        <Show when={props.hint}>
          <span class="switch-hint" id={`${id}-hint`}>
            {props.hint}
          </span>
        </Show>
      </span>
      <input
        class="switch-input"
        type="checkbox"
        role="switch"
        aria-label={props.label}
        aria-describedby={props.hint ? `${id}-hint` : undefined}
        checked={props.checked}
        disabled={props.disabled ?? false}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
    </label>
  );
}

/** Something that is chosen among others and takes effect later. */
export function Checkbox(props: {
  label: JSX.Element;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label class="checkbox">
      <input
        class="checkbox-input"
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled ?? false}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span class="checkbox-label">{props.label}</span>
    </label>
  );
}

/** One of a few, all of them in sight. */
export function Segmented<T extends string>(props: {
  label: string;
  value: T;
  choices: Choice<T>[];
  onChange: (value: T) => void;
}) {
  const name = createUniqueId();
  return (
    <fieldset class="segmented">
      <legend class="field-label">{props.label}</legend>
      <div class="segmented-choices">
        <For each={props.choices}>
          {(choice) => (
            <label class="segmented-choice">
              <input
                class="only-spoken"
                type="radio"
                name={name}
                value={choice.value}
                checked={choice.value === props.value}
                onChange={() => props.onChange(choice.value)}
              />
              {choice.icon && <Icon name={choice.icon} size="s" />}
              <span>{choice.label}</span>
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}

/** One of a few that need a sentence each. */
export function Radios<T extends string>(props: {
  label: string;
  value: T;
  choices: Choice<T>[];
  disabled?: boolean;
  onChange: (value: T) => void;
}) {
  const name = createUniqueId();
  return (
    <fieldset class="radios" disabled={props.disabled ?? false}>
      <legend class="field-label">{props.label}</legend>
      <For each={props.choices}>
        {(choice) => (
          <label class="radios-choice">
            <input
              class="radios-input"
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === props.value}
              onChange={() => props.onChange(choice.value)}
            />
            <span class="switch-words">
              <span class="switch-label">{choice.label}</span>
              <Show when={choice.hint}>
                <span class="switch-hint">{choice.hint}</span>
              </Show>
            </span>
          </label>
        )}
      </For>
    </fieldset>
  );
}
