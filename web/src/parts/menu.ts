import { createSignal } from "solid-js";
import type { IconName } from "./icons";

export interface MenuItem {
  label: string;
  icon?: IconName;
  keys?: string;
  tone?: "plain" | "danger";
  /** Whether it is chosen, for items that are one of several. */
  checked?: boolean;
  run: () => void;
}

export interface OpenMenu {
  /** What it belongs to, for a screen reader. */
  label: string;
  /** Gets the focus back. */
  anchor: HTMLElement;
  /** Where the pointer was, if it was a pointer that opened a context menu. */
  point: { x: number; y: number } | null;
  /** Groups, with a line between. */
  groups: MenuItem[][];
}

const [menu, setMenu] = createSignal<OpenMenu | null>(null);

export { menu };

/** Opens a menu below its anchor, or where the pointer is. The code of menus is loaded by the first one. */
export function openMenu(event: MouseEvent | KeyboardEvent, label: string, groups: MenuItem[][]): void {
  event.preventDefault();
  const anchor = event.currentTarget as HTMLElement;
  const pointed = event.type === "contextmenu" && event instanceof MouseEvent && event.button === 2;
  setMenu({
    label,
    anchor,
    point: pointed ? { x: event.clientX, y: event.clientY } : null,
    groups: groups.filter((group) => group.length > 0),
  });
}

export function closeMenu(): void {
  setMenu(null);
}

/** For `aria-expanded` of what opens a menu. */
export function menuIsOpenAt(anchor: HTMLElement | undefined): boolean {
  return anchor !== undefined && menu()?.anchor === anchor;
}
