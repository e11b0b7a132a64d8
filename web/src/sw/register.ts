import { createSignal } from "solid-js";

const [newVersion, setNewVersion] = createSignal(false);

const [asked, setAsked] = createSignal(false);

/** Whether a new version waits to take over, and whether somebody has asked for it. */
export { newVersion, asked as newVersionAsked };

let registration: ServiceWorkerRegistration | undefined;

/** What the worker of the new version is told. */
const takeOver = "take-over";
const check_ms = 60 * 60_000;
/** The browser lets a new version in only once the former one rests, which a request of this page may hold up. */
const patience_ms = 4_000;

/** The new version takes over only when somebody asks for it. */
export function applyNewVersion(): void {
  setAsked(true);
  if (registration === undefined) {
    location.reload();
    return;
  }
  if (registration.waiting) registration.waiting.postMessage(takeOver);
  else void registration.update().catch(() => undefined);
  setTimeout(() => {
    location.reload();
  }, patience_ms);
}

/** A piece of this version that the server does not have any more also says that there is a new one. */
export function watchMissingPieces(): void {
  window.addEventListener("vite:preloadError", (event) => {
    event.preventDefault();
    setNewVersion(true);
  });
}

export async function startServiceWorker(): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (asked()) location.reload();
  });
  try {
    const found: unknown = await navigator.serviceWorker.register("/sw.js");
    // A browser that is told to block workers answers with nothing.
    if (!(found instanceof ServiceWorkerRegistration)) return;
    registration = found;
  } catch {
    // Without it everything works but the start without a network.
    return;
  }
  watch(registration);
  setInterval(() => void registration?.update().catch(() => undefined), check_ms);
}

function watch(found: ServiceWorkerRegistration): void {
  const look = () => {
    const next = found.waiting;
    if (next !== null && asked()) next.postMessage(takeOver);
    else setNewVersion(next !== null && navigator.serviceWorker.controller !== null);
  };
  look();
  found.addEventListener("updatefound", () => {
    found.installing?.addEventListener("statechange", look);
  });
}
