import type { Person } from "@kith/client";
import { createSignal } from "solid-js";
import { core } from "./core";
import { me } from "./session";

const [blocked, setBlocked] = createSignal<Person[]>();
let owner: string | undefined;

/** Whom the person has blocked; asked for when it is first looked at. */
export function blockedPeople(): Person[] | undefined {
  if (owner !== me()?.user_id) {
    owner = me()?.user_id;
    queueMicrotask(() => void reloadBlocked());
  }
  return blocked();
}

export async function reloadBlocked(): Promise<void> {
  try {
    setBlocked(await core().blocked());
  } catch {
    // Asked again when it is looked at again.
    owner = undefined;
  }
}
