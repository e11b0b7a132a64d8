import { lazy, type Component } from "solid-js";

const views: { preload: () => Promise<unknown> }[] = [];

/**
 * A view whose code comes when it is first shown. If the server has a newer version and not that code any more, the
 * view never comes, and the banner says that a new version is ready: see `sw/register.ts`.
 */
export function later<P extends Record<string, unknown>>(load: () => Promise<{ default: Component<P> } | undefined>) {
  const view = lazy<Component<P>>(async () => (await load()) ?? new Promise<never>(() => undefined));
  views.push(view);
  return view;
}

/** Fetches all of them, one after the other, whenever nothing else is to be done: then each opens at once. */
export async function fetchViews(): Promise<void> {
  for (const view of views) {
    await idle();
    await view.preload().catch(() => undefined);
  }
}

function idle(): Promise<unknown> {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(resolve);
    else setTimeout(resolve, WITHOUT_IDLE_MS);
  });
}

/** Safari does not tell when it has nothing to do. */
const WITHOUT_IDLE_MS = 500;
