import { Show, splitProps, type JSX } from "solid-js";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import { Spinner } from "./Spinner";
import "./Button.css";

export interface ButtonProps extends Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, "class"> {
  /** `primary` for the one thing to do in a view, `soft` for others, `quiet` among many, `danger` for what cannot be undone. */
  variant?: "primary" | "soft" | "quiet" | "danger" | "danger-soft";
  icon?: IconName;
  /** What it does is under way: it stays in reach of the focus, and does nothing. */
  busy?: boolean;
  wide?: boolean;
}

export function Button(props: ButtonProps) {
  const [own, rest] = splitProps(props, ["variant", "icon", "busy", "wide", "children", "onClick"]);
  return (
    <button
      type="button"
      {...rest}
      class="button"
      data-variant={own.variant ?? "soft"}
      data-wide={own.wide ? "" : undefined}
      aria-busy={own.busy ? "true" : undefined}
      aria-disabled={own.busy ? "true" : undefined}
      onClick={(event) => {
        if (own.busy) event.preventDefault();
        else if (typeof own.onClick === "function") own.onClick(event);
      }}
    >
      <Show when={own.busy} fallback={own.icon && <Icon name={own.icon} size="s" />}>
        <Spinner />
      </Show>
      <span class="button-label">{own.children}</span>
    </button>
  );
}
