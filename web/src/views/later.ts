import { lazy, type Component } from "solid-js";

/**
 * A view whose code comes when it is first shown. If the server has a newer version and not that code any more, the
 * view never comes, and the banner says that a new version is ready: see `sw/register.ts`.
 */
export function later<P extends Record<string, unknown>>(load: () => Promise<{ default: Component<P> } | undefined>) {
  return lazy<Component<P>>(async () => (await load()) ?? new Promise<never>(() => undefined));
}
