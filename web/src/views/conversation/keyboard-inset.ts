import { onCleanup } from "solid-js";

/** Keeps an element above the keyboard of a phone, where that covers the page instead of shrinking it. */
export function avoidKeyboard(element: HTMLElement): void {
  const viewport = window.visualViewport;
  if (viewport === null) return;
  const fit = () => {
    const covered = Math.max(0, innerHeight - viewport.height - viewport.offsetTop);
    element.style.paddingBlockEnd = covered > 0 ? `${Math.round(covered)}px` : "";
  };
  viewport.addEventListener("resize", fit);
  viewport.addEventListener("scroll", fit);
  onCleanup(() => {
    viewport.removeEventListener("resize", fit);
    viewport.removeEventListener("scroll", fit);
  });
}
