import { createSignal } from "solid-js";

const [newVersion, setNewVersion] = createSignal(false);

/** Whether a new version waits to take over. */
export { newVersion };

let registration: ServiceWorkerRegistration | undefined;
let asked = false;

const check_ms = 60 * 60_000;

/** The new version takes over only when somebody asks for it. */
export function applyNewVersion(): void {
  asked = true;
  if (registration?.waiting) registration.waiting.postMessage("take-over");
  else location.reload();
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
    if (asked) location.reload();
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
  const waits = () => found.waiting !== null && navigator.serviceWorker.controller !== null;
  setNewVersion(waits());
  found.addEventListener("updatefound", () => {
    found.installing?.addEventListener("statechange", () => setNewVersion(waits()));
  });
}
