import type { CoreApi, Update } from "@kith/client";

/** What `connect()` gives to a tab. */
export interface Connected {
  core: CoreApi;
  subscribe: (listener: (update: Update) => void) => () => void;
}

let connected: Connected | undefined;

function current(): Connected {
  if (!connected) throw new Error("the core is not connected");
  return connected;
}

export function setConnected(next: Connected): void {
  connected = next;
}

export function core(): CoreApi {
  return current().core;
}

export function subscribe(listener: (update: Update) => void): () => void {
  return current().subscribe(listener);
}
