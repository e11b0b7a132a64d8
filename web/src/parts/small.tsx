import { For, Show, type JSX } from "solid-js";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import "./small.css";

/** How many there are; nothing for none. */
export function Badge(props: { count: number; label: string; muted?: boolean }) {
  return (
    <Show when={props.count > 0}>
      <span class="badge" data-muted={props.muted ? "" : undefined}>
        <span aria-hidden="true">{props.count > 999 ? "999+" : props.count}</span>
        <span class="only-spoken">{props.label}</span>
      </span>
    </Show>
  );
}

/** A word about what it stands beside. */
export function Tag(props: { icon?: IconName; tone?: "accent" | "success" | "warning"; children: JSX.Element }) {
  return (
    <span class="tag" data-tone={props.tone ?? "plain"}>
      {props.icon && <Icon name={props.icon} size="s" />}
      {props.children}
    </span>
  );
}

/** Keys as they stand on a keyboard: `Ctrl+K`. */
export function Keys(props: { keys: string }) {
  return (
    <span class="keys" dir="ltr">
      <For each={props.keys.split("+")}>{(key) => <kbd class="keys-key">{key}</kbd>}</For>
    </span>
  );
}

/** Something that concerns everything below it. */
export function Banner(props: {
  tone: "plain" | "warning" | "danger" | "success";
  icon: IconName;
  children: JSX.Element;
  action?: JSX.Element;
  testid?: string;
}) {
  return (
    <div class="banner" data-tone={props.tone} data-testid={props.testid}>
      <Icon name={props.icon} size="s" />
      <div class="banner-words">{props.children}</div>
      {props.action}
    </div>
  );
}

/** Nothing is here: why, and what to do. */
export function EmptyState(props: {
  picture?: JSX.Element;
  title: string;
  children?: JSX.Element;
  actions?: JSX.Element;
  level?: "page" | "part";
}) {
  return (
    <div class="empty-state" data-level={props.level ?? "page"}>
      {props.picture}
      <h2 class="empty-state-title">{props.title}</h2>
      <Show when={props.children}>
        <p class="empty-state-words">{props.children}</p>
      </Show>
      <Show when={props.actions}>
        <div class="empty-state-actions">{props.actions}</div>
      </Show>
    </div>
  );
}

/** The shape of rows that are about to come. */
export function Skeleton(props: { rows: number; label: string }) {
  return (
    <div class="skeleton" role="status">
      <span class="only-spoken">{props.label}</span>
      <For each={Array.from({ length: props.rows })}>
        {() => (
          <div class="skeleton-row" aria-hidden="true">
            <span class="skeleton-circle" />
            <span class="skeleton-lines">
              <span class="skeleton-line" />
              <span class="skeleton-line" />
            </span>
          </div>
        )}
      </For>
    </div>
  );
}
