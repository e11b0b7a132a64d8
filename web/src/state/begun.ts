import type { Begun } from "../core/begin";

/** What was asked for before there was a view for it. */
let begun: Begun | null = null;

export function setBegun(next: Begun | null): void {
  begun = next;
}

/** It is for the first view that shows this conversation. */
export function takeBegun(conversation: string): Begun | null {
  const taken = begun?.conversation === conversation ? begun : null;
  if (taken !== null) begun = null;
  return taken;
}
