import { icons, mirrored, type IconName } from "./icons";
import "./Icon.css";

/** A drawing without a meaning of its own: what it stands beside, or on, has the words. */
export function Icon(props: { name: IconName; size?: "s" | "m" | "l" }) {
  return (
    <svg
      class="icon"
      data-size={props.size ?? "m"}
      data-mirrored={mirrored.has(props.name) ? "" : undefined}
      viewBox="0 0 24 24"
      aria-hidden="true"
    >
      <path d={icons[props.name]} />
    </svg>
  );
}
