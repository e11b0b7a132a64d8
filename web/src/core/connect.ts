/** What a tab imports to talk to the core that all tabs share. */

import { Refused, newId } from "@kith/client";
import type { CoreApi, Update } from "@kith/client";

import type { FromTab, Method, ToTab } from "./port";

interface Wire {
  postMessage(message: FromTab): void;
  onmessage: ((event: MessageEvent<ToTab>) => unknown) | null;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Refused) => void;
}

export interface Connected {
  core: CoreApi;
  /** Calls with everything that happens, until the function that is returned is called. */
  subscribe(listener: (update: Update) => void): () => void;
}

/** Connects this tab to the core, which runs in a worker for as long as a tab is open. */
export function connect(): Connected {
  const wire = startWorker();
  const listeners = new Set<(update: Update) => void>();
  const waiting = new Map<string, Waiting>();
  wire.onmessage = ({ data }) => {
    if (data.kind === "update") {
      for (const listener of listeners) listener(data.update);
      return;
    }
    const { resolve, reject } = waiting.get(data.id) ?? {};
    waiting.delete(data.id);
    if (data.kind === "answer") resolve?.(data.value);
    else reject?.(new Refused(data.problem));
  };
  stay(wire);
  wakeUp(wire);
  const ask = (method: Method, args: unknown[]) =>
    new Promise((resolve, reject) => {
      const id = newId();
      waiting.set(id, { resolve, reject });
      wire.postMessage({ kind: "call", id, method, args: named(method, args) });
    });
  return {
    core: proxy(ask),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A message is named here, so that a call that has to be made again is the same message. */
function named(method: Method, args: unknown[]): unknown[] {
  return method === "send" && args.length < 4 ? [...args, newId()] : args;
}

function proxy(ask: (method: Method, args: unknown[]) => Promise<unknown>): CoreApi {
  return new Proxy({} as CoreApi, {
    get: (_target, method) =>
      // What is awaited is asked for `then`; the core itself is no promise.
      method === "then" || typeof method === "symbol" ? undefined : (...args: unknown[]) => ask(method as Method, args),
  });
}

function startWorker(): Wire {
  // The bundler knows a worker only by exactly this form.
  if (typeof SharedWorker !== "undefined") {
    return new SharedWorker(new URL("./shared-worker.ts", import.meta.url), {
      type: "module",
      name: "kith-core",
    }).port;
  }
  return new Worker(new URL("./dedicated-worker.ts", import.meta.url), {
    type: "module",
    name: "kith-core",
  });
}

/** A device that slept, or changed its network, may have lost its connection without a word. */
function wakeUp(wire: Wire): void {
  const wake = () => {
    if (document.visibilityState === "visible") wire.postMessage({ kind: "network", state: "online" });
  };
  document.addEventListener("visibilitychange", wake);
  addEventListener("pageshow", wake);
}

/** The worker sees that a tab is gone when the lock that the tab holds is free. */
function stay(wire: Wire): void {
  const lock = `kith-tab-${newId()}`;
  const locks = (navigator as { locks?: LockManager }).locks;
  if (locks === undefined) {
    addEventListener("pagehide", () => {
      wire.postMessage({ kind: "bye" });
    });
    return;
  }
  void locks.request(lock, () => {
    wire.postMessage({ kind: "hello", lock });
    return new Promise<never>(() => undefined);
  });
}
