import type { Preferences, Snapshot, Update } from "@kith/client";
import { createStore, reconcile, unwrap } from "solid-js/store";
import { core } from "./core";

export type SendKey = "enter" | "ctrl-enter";

/** What this client keeps for itself in the preferences. */
export interface ClientPreferences {
  send_key: SendKey;
  single_keys: boolean;
  /** Whether a screen reader says what arrives in the open conversation. */
  announce_messages: boolean;
}

export const defaultPreferences: Preferences = {
  version: 0,
  theme: "system",
  language: null,
  privacy: { discoverable: true, show_presence: true, send_read_receipts: true },
  notifications: { messages: "all", preview: true, sound: true },
  client: {},
};

/** What an older or another client has left there may be anything. */
export function readClient(client: Record<string, unknown>): ClientPreferences {
  return {
    send_key: client["send_key"] === "ctrl-enter" ? "ctrl-enter" : "enter",
    single_keys: client["single_keys"] !== false,
    announce_messages: client["announce_messages"] !== false,
  };
}

export function applyPreferences(preferences: Preferences, update: Update): Preferences {
  return update.kind === "preferences" ? update.preferences : preferences;
}

const [preferences, setStore] = createStore<Preferences>(structuredClone(defaultPreferences));

export function tellPreferences(update: Update): void {
  setStore(reconcile(applyPreferences(preferences, update)));
}

export function startPreferences(snapshot: Snapshot): void {
  setStore(reconcile(snapshot.preferences));
}

export { preferences };
export const sendKey = () => readClient(preferences.client).send_key;
export const singleKeys = () => readClient(preferences.client).single_keys;
export const announcesMessages = () => readClient(preferences.client).announce_messages;

/** Shows the change at once, and takes it back if the server refuses it. */
export async function changePreferences(change: Partial<Omit<Preferences, "version">>): Promise<void> {
  const before = structuredClone(unwrap(preferences));
  setStore(reconcile({ ...before, ...change }));
  try {
    await core().setPreferences(change);
  } catch (problem) {
    setStore(reconcile(before));
    throw problem;
  }
}

export function changeClient(change: Partial<ClientPreferences>): Promise<void> {
  return changePreferences({ client: { ...unwrap(preferences.client), ...change } });
}
