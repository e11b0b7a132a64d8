/** What this browser keeps from one start to the next, before the core is there. It is no secret. */

/** Keeps a value, or forgets it. */
export function remember(key: string, value: string | null): void {
  try {
    if (value === null) window.localStorage.removeItem(key);
    else window.localStorage.setItem(key, value);
  } catch {
    // Without storage the device decides at the next start.
  }
}

/** What was kept. */
export function remembered(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}
