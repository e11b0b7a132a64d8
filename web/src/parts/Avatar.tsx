import { Show } from "solid-js";
import { Icon } from "./Icon";
import { colourOf, initialsOf } from "./identity";
import "./Avatar.css";

/** Initials in the colour of the id; a person is round, a group is not. The name stands beside it. */
export function Avatar(props: {
  id: string;
  name: string;
  kind?: "person" | "group";
  size?: "xs" | "s" | "m" | "l" | "xl";
  online?: boolean | undefined;
}) {
  const initials = () => initialsOf(props.name);
  return (
    <span
      class="avatar"
      data-kind={props.kind ?? "person"}
      data-size={props.size ?? "m"}
      data-colour={colourOf(props.id)}
      aria-hidden="true"
    >
      <Show when={initials()} fallback={<Icon name={props.kind === "group" ? "group" : "person"} />}>
        {initials()}
      </Show>
      <Show when={props.online}>
        <span class="avatar-online" />
      </Show>
    </span>
  );
}
