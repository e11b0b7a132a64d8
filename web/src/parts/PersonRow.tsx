import { Show, type JSX } from "solid-js";
import { Avatar } from "./Avatar";
import "./PersonRow.css";

/** A person in a list: how they look, their name, and one line more. */
export function PersonRow(props: {
  person: { user_id: string; name: string; username?: string; status?: string; online?: boolean };
  /** Instead of the username or the status. */
  line?: JSX.Element;
  end?: JSX.Element;
}) {
  const line = () => props.line ?? (props.person.username ? `@${props.person.username}` : props.person.status);
  return (
    <>
      <Avatar id={props.person.user_id} name={props.person.name} online={props.person.online ?? false} />
      <span class="person-words">
        <span class="person-name one-line" dir="auto">
          {props.person.name}
        </span>
        <Show when={line()}>
          <span class="person-line one-line" dir="auto">
            {line()}
          </span>
        </Show>
      </span>
      {props.end}
    </>
  );
}
