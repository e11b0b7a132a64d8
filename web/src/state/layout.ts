import { createSignal } from "solid-js";

import { remember, remembered } from "../core/begin";

export type Panes = 1 | 2 | 3;
export type Overlay = "switcher" | "new-conversation" | "new-group" | "keyboard" | "add-members" | "person" | null;

const medium = matchMedia("(width >= 700px)");
const wide = matchMedia("(width >= 1100px)");

function count(): Panes {
  return wide.matches ? 3 : medium.matches ? 2 : 1;
}

const [panes, setPanes] = createSignal<Panes>(count());
for (const query of [medium, wide]) query.addEventListener("change", () => setPanes(count()));

/** How many panes stand beside each other. */
export { panes };

const BESIDE = "kith-details";

/** Beside the conversation the details are open until they are closed, also for the next start; above it they are closed until they are opened. */
const [beside, setBeside] = createSignal(remembered(BESIDE) !== "closed");
const [above, setAbove] = createSignal(false);

export const detailsOpen = () => (panes() === 3 ? beside() : above());

export function setDetailsOpen(open: boolean): void {
  if (panes() !== 3) setAbove(open);
  else {
    setBeside(open);
    remember(BESIDE, open ? null : "closed");
  }
}

export function toggleDetails(): void {
  setDetailsOpen(!detailsOpen());
}

const [overlay, setOverlay] = createSignal<Overlay>(null);

/** The dialog that is open over everything. */
export { overlay };

export function openOverlay(next: Exclude<Overlay, null | "person">): void {
  setOverlay(next);
}

export function closeOverlay(): void {
  setOverlay(null);
}

const [shownPerson, setShownPerson] = createSignal("");

/** Whose profile is open. */
export { shownPerson };

export function openPerson(user_id: string): void {
  setShownPerson(user_id);
  setOverlay("person");
}

let goToList: () => void = () => undefined;

/** Told by the routes, which know how. */
export function setBackToList(go: () => void): void {
  goToList = go;
}

/** From a conversation back to the list, on phones. */
export function backToList(): void {
  goToList();
}
