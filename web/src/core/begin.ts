/**
 * What a tab runs first, while its other code is on the way: it starts the core, asks for what the first paint needs,
 * and fetches the words.
 */

import type { Slice, Snapshot, Update } from "@kith/client";

import { fetchWords } from "../text/words";
import { connect } from "./connect";
import { openingItems, openingOf } from "./opening";
import type { Opening } from "./opening";

/** What was told since something was asked for; whoever calls it listens from now on. */
export type Since = () => Update[];

/** The piece of a conversation that is shown first. */
export interface Begun extends Opening {
  slice: Slice;
  updates: Since;
}

/** What the first paint needs, however late the code comes that paints it. */
export interface Start {
  here: Snapshot;
  updates: Since;
}

// The page takes these from here, so that they are no file of their own, which this one would wait for.
export { remember, remembered } from "./remembered";

export const connected = connect();
export const start = connected.core.snapshot().then((here): Start => ({ here, updates: listen() }));
/** Of the conversation that the address names; null if there is none, or it cannot be had. */
export const begun = begin(openingOf(location.pathname));
fetchWords();

async function begin(opening: Opening | null): Promise<Begun | null> {
  if (opening === null) return null;
  try {
    const slice = await connected.core.slice(opening.conversation, opening.place, openingItems().at_unread);
    return { ...opening, slice, updates: listen() };
  } catch {
    return null;
  }
}

function listen(): Since {
  const told: Update[] = [];
  const stop = connected.subscribe((update) => told.push(update));
  return () => {
    stop();
    return told;
  };
}
