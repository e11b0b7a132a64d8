import { Tabs as Kobalte } from "@kobalte/core/tabs";
import { For, type JSX } from "solid-js";
import "./Tabs.css";

/** Parts of which one is seen at a time. */
export function Tabs<T extends string>(props: {
  label: string;
  value: T;
  tabs: { value: T; label: string }[];
  onChange: (value: T) => void;
  children: JSX.Element;
}) {
  return (
    <Kobalte class="tabs" value={props.value} onChange={(value) => props.onChange(value as T)}>
      <Kobalte.List class="tabs-list" aria-label={props.label}>
        <For each={props.tabs}>
          {(tab) => (
            <Kobalte.Trigger class="tabs-tab" value={tab.value}>
              {tab.label}
            </Kobalte.Trigger>
          )}
        </For>
      </Kobalte.List>
      <Kobalte.Content class="tabs-content" value={props.value}>
        {props.children}
      </Kobalte.Content>
    </Kobalte>
  );
}
