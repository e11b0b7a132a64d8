import "./tooltip.css";

const delay_ms = 500;
const gap_px = 6;

/**
 * One tooltip for everything that has `data-tooltip`. It repeats the name that a screen reader speaks anyway, so it is
 * only for the eyes; it is never in the way of the pointer, and any key takes it away.
 */
export function startTooltips(): void {
  const tip = document.createElement("div");
  tip.className = "tooltip";
  tip.popover = "manual";
  tip.setAttribute("aria-hidden", "true");
  tip.dataset["kbTopLayer"] = "";
  document.body.append(tip);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let owner: HTMLElement | null = null;

  const hide = () => {
    clearTimeout(timer);
    owner = null;
    if (tip.matches(":popover-open")) tip.hidePopover();
  };
  const show = (element: HTMLElement) => {
    if (!element.isConnected || element.getAttribute("aria-expanded") === "true") return;
    write(tip, element);
    tip.showPopover();
    place(tip, element.getBoundingClientRect());
  };
  const later = (element: HTMLElement | null, wait_ms: number) => {
    if (element === owner) return;
    hide();
    owner = element;
    if (element) timer = setTimeout(() => show(element), wait_ms);
  };
  const ownerOf = (target: EventTarget | null) =>
    target instanceof Element ? target.closest<HTMLElement>("[data-tooltip]") : null;

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    later(ownerOf(event.target), delay_ms);
  });
  // What a dialog focuses by itself needs no explanation.
  let byKey = false;
  document.addEventListener("focusin", (event) => {
    if (byKey) later(ownerOf(event.target), delay_ms);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("pointerdown", hide, true);
  document.addEventListener("scroll", hide, { capture: true, passive: true });
  document.addEventListener(
    "keydown",
    (event) => {
      byKey = event.key === "Tab";
      if (!byKey) hide();
    },
    true,
  );
}

function write(tip: HTMLElement, element: HTMLElement): void {
  tip.textContent = element.dataset["tooltip"] ?? "";
  const keys = element.dataset["tooltipKeys"];
  if (keys === undefined) return;
  const word = document.createElement("span");
  word.className = "tooltip-keys";
  word.dir = "ltr";
  word.textContent = keys;
  tip.append(word);
}

function place(tip: HTMLElement, near: DOMRect): void {
  const size = tip.getBoundingClientRect();
  const below = near.bottom + gap_px + size.height < innerHeight;
  const left = near.left + near.width / 2 - size.width / 2;
  tip.style.top = `${below ? near.bottom + gap_px : near.top - gap_px - size.height}px`;
  tip.style.left = `${Math.max(gap_px, Math.min(left, innerWidth - size.width - gap_px))}px`;
}
