import { type JSX, onCleanup, onMount } from "solid-js";

import { onEscape } from "../../state/escape";
import { closeOnBack } from "../../state/layers";
import type { Point } from "./context";
import "./Floating.css";

/** How far from the edges of the window it stays. */
const EDGE_PX = 8;

interface FloatingProps {
  at: Point;
  role: "menu" | "dialog" | "group";
  label: string;
  testid?: string;
  onClose: () => void;
  children: JSX.Element;
}

/**
 * Something that floats above everything at a point, until it is used, left or dismissed; on a phone it stands at the
 * lower edge. The focus goes back to where it came from.
 */
export function Floating(props: FloatingProps): JSX.Element {
  let box!: HTMLDivElement;
  const origin = document.activeElement;

  const place = () => {
    // Not as it is drawn: it may still be growing.
    const { offsetWidth: width, offsetHeight: height } = box;
    const rtl = getComputedStyle(box).direction === "rtl";
    const left = rtl ? props.at.x - width : props.at.x;
    box.style.left = `${within(left, innerWidth - width)}px`;
    box.style.top = `${within(props.at.y, innerHeight - height)}px`;
  };

  // The finger that opened it is still down, and may be lifted: it is dismissed by the next one.
  const dismiss = ({ target }: Event) => {
    if (target instanceof Node && !box.contains(target)) props.onClose();
  };
  document.addEventListener("pointerdown", dismiss, { capture: true });
  onCleanup(() => {
    document.removeEventListener("pointerdown", dismiss, { capture: true });
  });

  onMount(() => {
    box.showPopover();
    // It is placed as soon as it has a size, and again whenever that changes; the point stays the same.
    const observer = new ResizeObserver(place);
    observer.observe(box);
    onCleanup(() => {
      observer.disconnect();
    });
    const first = box.querySelector<HTMLElement>("[autofocus], [role=menuitem], button, input");
    first?.focus({ preventScroll: true });
  });
  // Both are called when something happens, never tracked.
  /* eslint-disable solid/reactivity */
  closeOnBack(() => {
    props.onClose();
  });
  onCleanup(
    onEscape("menu", () => {
      props.onClose();
      return true;
    }),
  );
  /* eslint-enable solid/reactivity */
  onCleanup(() => {
    const inside = box.contains(document.activeElement) || document.activeElement === document.body;
    if (inside && origin instanceof HTMLElement) origin.focus({ preventScroll: true });
  });

  return (
    <div
      ref={box}
      class="floating"
      popover="manual"
      role={props.role}
      aria-label={props.label}
      data-testid={props.testid}
    >
      {props.children}
    </div>
  );
}

function within(wanted: number, most: number): number {
  return Math.max(EDGE_PX, Math.min(wanted, most - EDGE_PX));
}
