import { Show } from "solid-js";
import { t } from "../text";
import { Icon } from "./Icon";
import { IconButton } from "./IconButton";
import "./Field.css";

export function SearchField(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
  ref?: (element: HTMLInputElement) => void;
  /** The list that it filters, and the row in it that Enter takes. */
  controls?: string;
  active?: string | undefined;
}) {
  let input: HTMLInputElement | undefined;
  return (
    <div class="field-box" data-kind="search">
      <Icon name="search" size="s" />
      <input
        ref={(element) => {
          input = element;
          props.ref?.(element);
        }}
        class="field-input"
        type="text"
        role={props.controls ? "combobox" : "searchbox"}
        aria-expanded={props.controls ? "true" : undefined}
        aria-controls={props.controls}
        aria-activedescendant={props.active}
        aria-autocomplete={props.controls ? "list" : undefined}
        aria-label={props.label}
        placeholder={props.label}
        dir={props.value ? "auto" : undefined}
        enterkeyhint="search"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        data-testid="search-field"
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onKeyDown={(event) => props.onKeyDown?.(event)}
      />
      <Show when={props.value}>
        <IconButton
          icon="close"
          label={t().form.clear}
          onClick={() => {
            props.onInput("");
            input?.focus();
          }}
        />
      </Show>
    </div>
  );
}
