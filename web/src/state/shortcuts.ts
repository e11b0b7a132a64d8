import { createSignal } from "solid-js";
import { escape } from "./escape";
import { singleKeys } from "./preferences";

export type ShortcutGroup = "everywhere" | "list" | "conversation";

export interface Shortcut {
  /** As `KeyboardEvent.key` names them: `Mod+k`, `Alt+Shift+ArrowDown`, `?`. `Mod` is Cmd on a Mac, Ctrl elsewhere. */
  keys: string;
  group: ShortcutGroup;
  label: () => string;
  /** Absent for keys that another part handles, and that are only listed. */
  run?: () => void;
}

const [shortcuts, setShortcuts] = createSignal<readonly Shortcut[]>([]);

export { shortcuts };

export const isMac = () => /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The answer takes it away again. */
export function registerShortcut(shortcut: Shortcut): () => void {
  setShortcuts((all) => [...all, shortcut]);
  return () => setShortcuts((all) => all.filter((other) => other !== shortcut));
}

/** A key without Ctrl, Alt or Cmd is what speech input says by accident (WCAG 2.1.4). */
export function isSingle(keys: string): boolean {
  return !/^(Mod|Ctrl|Alt)\+/.test(keys);
}

export interface Pressed {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export function matches(keys: string, pressed: Pressed, mac: boolean): boolean {
  const parts = keys.split("+");
  const key = parts.pop() ?? "";
  const wants = (name: string) => parts.includes(name);
  const mod = mac ? pressed.metaKey : pressed.ctrlKey;
  const control = mac ? pressed.ctrlKey : pressed.metaKey;
  // Which keys make a "?" differs between keyboards: Shift counts only for keys that have a name.
  const shift = key.length > 1 || parts.length > 0 ? pressed.shiftKey === wants("Shift") : true;
  return (
    (pressed.key.toLowerCase() === key.toLowerCase() ||
      // With Alt, a Mac writes other letters.
      (wants("Alt") && pressed.code === `Key${key.toUpperCase()}`)) &&
    (mod === wants("Mod") || (!mac && wants("Ctrl"))) &&
    (mac ? control === wants("Ctrl") : !control) &&
    pressed.altKey === wants("Alt") &&
    shift
  );
}

/** As it is written on the keyboard: `⌘K`, `Ctrl+K`. */
export function keysText(keys: string, mac = isMac()): string {
  const names: Record<string, string> = {
    Mod: mac ? "⌘" : "Ctrl",
    Alt: mac ? "⌥" : "Alt",
    Shift: mac ? "⇧" : "Shift",
    Escape: "Esc",
    ArrowUp: "↑",
    ArrowDown: "↓",
    ArrowLeft: "←",
    ArrowRight: "→",
    PageUp: "PgUp",
    PageDown: "PgDn",
  };
  return keys
    .split("+")
    .map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key))
    .join("+");
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

/** Whether a dialog or a menu has the keyboard, and closes itself; not one that is only about to disappear. */
function modal(): boolean {
  const open = ["dialog", "alertdialog", "menu"].map((role) => `[role="${role}"][data-expanded]`);
  return document.querySelector(open.join()) !== null;
}

export function startShortcuts(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || modal()) return;
    if (event.key === "Escape") {
      if (escape()) event.preventDefault();
      return;
    }
    if (document.querySelector(':popover-open [role="menu"]') !== null) return;
    const found = shortcuts().find(
      ({ keys, run }) =>
        run !== undefined &&
        matches(keys, event, isMac()) &&
        (!isSingle(keys) || (singleKeys() && !isWriting(event.target))),
    );
    if (!found) return;
    event.preventDefault();
    found.run?.();
  });
}
