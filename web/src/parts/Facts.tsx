import { Show, type JSX } from "solid-js";
import "./Facts.css";

/** What is known of something, each with its name. */
export function Facts(props: { children: JSX.Element }) {
  return <dl class="facts">{props.children}</dl>;
}

/** Nothing where nothing is known. */
export function Fact(props: { name: string; value: string | undefined }) {
  return (
    <Show when={props.value}>
      <div>
        <dt class="facts-name">{props.name}</dt>
        <dd>
          <bdi>{props.value}</bdi>
        </dd>
      </div>
    </Show>
  );
}
