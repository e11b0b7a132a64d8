import { begun, connected, start as started } from "./core/begin";
import "./style";
import "./views/shell/boot.css";

import { render } from "solid-js/web";
import { startTooltips } from "./parts/tooltip";
import { setBegun } from "./state/begun";
import { setConnected } from "./state/core";
import { startShortcuts } from "./state/shortcuts";
import { startStores } from "./state/store";
import { followPreferences } from "./state/theme";
import { startServiceWorker, watchMissingPieces } from "./sw/register";
import { setLanguage } from "./text";
import { askedLanguage, firstLanguage } from "./text/words";
import { App, fetchSignIn } from "./views/App";

/** Messages that are on the device are there by then; the page does not wait longer for others. */
const BEGUN_WITHIN_MS = 100;

async function start(): Promise<void> {
  watchMissingPieces();
  setConnected(connected);
  // Whoever comes for the first time signs in first.
  if (!isKnown()) void fetchSignIn();
  const { here, updates } = await started;
  startStores(here, updates());
  const preferred = here.me && here.preferences.language;
  await setLanguage(askedLanguage() ?? preferred ?? firstLanguage());
  if (here.me) setBegun((await Promise.race([begun, after(BEGUN_WITHIN_MS)])) ?? null);
  else await fetchSignIn();
  const root = await parsed();
  followPreferences();
  startShortcuts();
  startTooltips();
  root?.replaceChildren();
  if (root) render(() => <App />, root);
  setBegun(null);
  void begun.then((piece) => piece?.updates());
  void startServiceWorker();
}

/** Whether this browser has been here before. */
function isKnown(): boolean {
  const workers = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  return workers !== undefined && workers.controller !== null;
}

function after(wait_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, wait_ms));
}

/** Resolves when the page is there: this code may be faster. */
async function parsed(): Promise<HTMLElement | null> {
  if (document.readyState === "loading") {
    await new Promise((resolve) => {
      document.addEventListener("DOMContentLoaded", resolve, { once: true });
    });
  }
  return document.getElementById("root");
}

void start();
