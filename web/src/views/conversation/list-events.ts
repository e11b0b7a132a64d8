import type { MessageItem, TimelineItem } from "@kith/client";

import type { MessageHost } from "../../parts/message/context";
import { copySelection } from "./copy";
import type { RowFocus } from "./row-focus";

interface ListEventOptions {
  host: MessageHost;
  items: () => readonly TimelineItem[];
  focus: RowFocus;
  hover: (key: string | null) => void;
  onReply: (item: MessageItem) => void;
}

/** What the mouse, the finger and the keyboard do with the rows of a list, whichever row it is. */
export function createListEvents({ host, items, focus, hover, onReply }: ListEventOptions) {
  const itemOf = (target: EventTarget | null): MessageItem | null => {
    const key = keyOf(target);
    const item = items().find((candidate) => candidate.key === key);
    return item?.kind === "message" ? item : null;
  };

  return {
    itemOf,
    onKeyDown: (event: KeyboardEvent) => {
      const row = rowOf(event.target);
      if (row === null || row !== event.target || focus.onKey(event)) return;
      const item = itemOf(row);
      if (item === null) return;
      if (host.selecting() && (event.key === " " || event.key === "Enter")) host.toggleSelected(item);
      else if (event.key === "Enter" || event.key === "ContextMenu") {
        const box = row.querySelector(".message-bubble")?.getBoundingClientRect();
        host.openMenu(item, { x: box?.left ?? 0, y: box?.bottom ?? 0 });
      } else return;
      event.preventDefault();
    },
    onFocusIn: (event: FocusEvent) => {
      const key = keyOf(event.target);
      focus.set(key);
      if (event.target instanceof Element && event.target.matches(":focus-visible")) hover(key);
    },
    onFocusOut: (event: FocusEvent) => {
      // The focus may go on to what appeared beside the row.
      if (rowOf(event.relatedTarget) !== rowOf(event.target)) hover(null);
    },
    onPointerOver: (event: PointerEvent) => {
      if (event.pointerType === "mouse") hover(keyOf(event.target));
    },
    onPointerLeave: () => {
      hover(null);
    },
    onContextMenu: (event: MouseEvent) => {
      const item = itemOf(event.target);
      // Links bring their own menu, and the keyboard's one opens at the row.
      if (item === null || isIn(event.target, "a")) return;
      event.preventDefault();
      // A finger opens the menu by resting: see `longPress`.
      if ((event as PointerEvent).pointerType !== "touch") host.openMenu(item, { x: event.clientX, y: event.clientY });
    },
    onClick: (event: MouseEvent) => {
      if (!host.selecting() || isIn(event.target, "a, button, input")) return;
      const item = itemOf(event.target);
      if (item !== null && !item.deleted) host.toggleSelected(item);
    },
    onDblClick: (event: MouseEvent) => {
      if (host.selecting() || isIn(event.target, ".message-bubble, button")) return;
      const item = itemOf(event.target);
      if (item?.seq != null && !item.deleted) onReply(item);
    },
    onCopy: (event: ClipboardEvent) => {
      copySelection(event, items(), host.nameOf);
    },
  };
}

function rowOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".row") : null;
}

function keyOf(target: EventTarget | null): string | null {
  return rowOf(target)?.dataset["key"] ?? null;
}

function isIn(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}
