import { splitProps, type JSX } from "solid-js";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import "./Button.css";

export interface IconButtonProps extends Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, "class"> {
  icon: IconName;
  /** Its name, spoken and shown as a tooltip. */
  label: string;
  /** The keys that do the same, shown in the tooltip. */
  keys?: string;
  variant?: "quiet" | "primary";
}

export function IconButton(props: IconButtonProps) {
  const [own, rest] = splitProps(props, ["icon", "label", "keys", "variant", "children"]);
  return (
    <button
      type="button"
      {...rest}
      class="icon-button"
      data-variant={own.variant ?? "quiet"}
      aria-label={own.label}
      data-tooltip={own.label}
      data-tooltip-keys={own.keys}
    >
      <Icon name={own.icon} />
      {own.children}
    </button>
  );
}
