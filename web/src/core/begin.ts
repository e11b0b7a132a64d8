/**
 * What a tab runs first, while its other code is on the way: it starts the core, asks for what the first paint needs,
 * and fetches the words.
 */

import type { Slice, Update } from "@kith/client";

import { fetchWords } from "../text/words";
import { connect } from "./connect";
import { openingItems, openingOf } from "./opening";
import type { Opening } from "./opening";

/** The piece of a conversation that is shown first. */
export interface Begun extends Opening {
  slice: Slice;
  /** What was told since the piece was made; from now on whoever asks listens. */
  updates: () => Update[];
}

export const connected = connect();
export const snapshot = connected.core.snapshot();
/** Of the conversation that the address names; null if there is none, or it cannot be had. */
export const begun = begin(openingOf(location.pathname));
fetchWords();

async function begin(opening: Opening | null): Promise<Begun | null> {
  if (opening === null) return null;
  const told: Update[] = [];
  try {
    const slice = await connected.core.slice(opening.conversation, opening.place, openingItems().at_unread);
    const stop = connected.subscribe((update) => told.push(update));
    const updates = () => {
      stop();
      return told;
    };
    return { ...opening, slice, updates };
  } catch {
    return null;
  }
}
