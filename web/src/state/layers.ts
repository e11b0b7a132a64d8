/**
 * Where panes lie on each other, the browser's Back first closes what lies on top – drawers, dialogs, menus – and only
 * then leaves the view. Each layer has an entry of its own in the history; the entry of a layer that was closed in
 * another way stays there until Back passes over it.
 */
import { useLocation } from "@solidjs/router";
import { createEffect, on, onCleanup } from "solid-js";
import { panes } from "./layout";

const open: (() => void)[] = [];

function layersOfEntry(): number {
  const state = history.state as { layers?: number } | null;
  return state?.layers ?? 0;
}

/** How many layers the present entry has, for when it has been left. */
let here = layersOfEntry();

addEventListener("popstate", () => {
  const left = here;
  const stale = left > open.length;
  here = layersOfEntry();
  for (const close of open.slice(here).reverse()) close();
  if (stale && here < left) history.back();
});

/** Back closes it as long as it is shown. */
export function closeOnBack(close: () => void): void {
  if (panes() === 3) return;
  open.push(close);
  if (layersOfEntry() < open.length) history.pushState({ ...history.state, layers: open.length }, "");
  here = layersOfEntry();
  onCleanup(() => open.splice(open.indexOf(close), 1));
}

/** For the root of the views: which entry is the present one. */
export function followEntries(): void {
  const location = useLocation();
  createEffect(
    on(
      () => location.pathname,
      () => (here = layersOfEntry()),
    ),
  );
}
