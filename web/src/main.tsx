import "./style";

import { render } from "solid-js/web";
import { connect } from "./core/connect";
import { startTooltips } from "./parts/tooltip";
import { setConnected } from "./state/core";
import { startShortcuts } from "./state/shortcuts";
import { startStores } from "./state/store";
import { firstLanguage, followPreferences } from "./state/theme";
import { startServiceWorker, watchMissingPieces } from "./sw/register";
import { App } from "./views/App";

async function start(root: HTMLElement): Promise<void> {
  watchMissingPieces();
  const connected = connect();
  setConnected(connected);
  // The words of the last time are fetched while the core opens its cache.
  const words = firstLanguage(null);
  const snapshot = await connected.core.snapshot();
  startStores(snapshot);
  await words;
  if (snapshot.me) await firstLanguage(snapshot.preferences.language);
  followPreferences();
  startShortcuts();
  startTooltips();
  render(() => <App />, root);
  void startServiceWorker();
}

const root = document.getElementById("root");
if (root) void start(root);
