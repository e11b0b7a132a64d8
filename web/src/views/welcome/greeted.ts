import { createSignal } from "solid-js";

const [greeted, setGreeted] = createSignal(false);

/** Whether the person has come just now. */
export { greeted };

export function greet(): void {
  setGreeted(true);
}
