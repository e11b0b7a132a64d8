import type { Snapshot, Update } from "@kith/client";
import { batch } from "solid-js";
import { startConversations, tellConversations } from "./conversations";
import { subscribe } from "./core";
import { tellDetails } from "./details";
import { tellKept } from "./kept";
import { keepPeople, tellPeople } from "./people";
import { startPreferences, tellPreferences } from "./preferences";
import { startSession, tellSession } from "./session";
import { tellTyping } from "./typing";

const listeners = [tellSession, tellConversations, tellPeople, tellTyping, tellPreferences, tellDetails, tellKept];

/** Fills the stores with a snapshot and what was told since, and keeps them told. */
export function startStores(snapshot: Snapshot, updates: Update[]): void {
  fill(snapshot);
  updates.forEach(tell);
  subscribe(tell);
}

function tell(update: Update): void {
  batch(() => {
    for (const listener of listeners) listener(update);
  });
}

export function fill(snapshot: Snapshot): void {
  batch(() => {
    startSession(snapshot);
    startConversations(snapshot);
    startPreferences(snapshot);
    keepPeople(snapshot.conversations.flatMap((row) => row.peer ?? []));
  });
}
