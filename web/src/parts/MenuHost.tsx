import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { For, Show } from "solid-js";
import { Icon } from "./Icon";
import { closeOnBack } from "../state/layers";
import { closeMenu, menu, type MenuItem, type OpenMenu } from "./menu";
import { Keys } from "./small";
import "./Menu.css";

/** The one menu that can be open. */
export default function MenuHost() {
  return (
    <Show when={menu()} keyed>
      {(open) => <Menu open={open} />}
    </Show>
  );
}

function Menu(props: { open: OpenMenu }) {
  closeOnBack(closeMenu);
  const place = () => {
    const { point, anchor } = props.open;
    return point ? { ...point, width: 0, height: 0 } : anchor.getBoundingClientRect();
  };
  return (
    <DropdownMenu
      open
      modal={false}
      onOpenChange={(open) => open || closeMenu()}
      getAnchorRect={place}
      placement={props.open.point ? "bottom-start" : "bottom-end"}
      gutter={props.open.point ? 2 : 4}
    >
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          class="menu"
          aria-label={props.open.label}
          aria-labelledby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (props.open.anchor.isConnected) props.open.anchor.focus();
          }}
        >
          <For each={props.open.groups}>
            {(group, at) => (
              <>
                <Show when={at() > 0}>
                  <DropdownMenu.Separator class="menu-line" />
                </Show>
                <For each={group}>{(item) => <Item item={item} anchor={props.open.anchor} />}</For>
              </>
            )}
          </For>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}

function take(item: MenuItem, anchor: HTMLElement): void {
  closeMenu();
  // What it opens takes the focus from the anchor, and gives it back there.
  anchor.focus();
  queueMicrotask(item.run);
}

function Item(props: { item: MenuItem; anchor: HTMLElement }) {
  return (
    <DropdownMenu.Item
      class="menu-item"
      data-tone={props.item.tone ?? "plain"}
      onSelect={() => take(props.item, props.anchor)}
    >
      {props.item.icon && <Icon name={props.item.icon} size="s" />}
      <span class="menu-label">{props.item.label}</span>
      <Show when={props.item.keys}>{(keys) => <Keys keys={keys()} />}</Show>
      <Show when={props.item.checked}>
        <Icon name="check" size="s" />
      </Show>
    </DropdownMenu.Item>
  );
}
