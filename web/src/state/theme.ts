import { createEffect, createRoot } from "solid-js";

import { remember } from "../core/begin";
import { setLanguage } from "../text";
import { askedLanguage, REMEMBERED } from "../text/words";
import { preferences } from "./preferences";
import { me } from "./session";

const grounds = { light: "#f9f4f6", dark: "#130f13" };

function applyTheme(theme: "light" | "dark" | "system"): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const own = meta.media.includes("dark") ? "dark" : "light";
    meta.content = grounds[theme === "system" ? own : theme];
  }
}

/** From now on the page looks and speaks as the preferences say, and does so at the next start before they are there: see `public/theme.js`. */
export function followPreferences(): void {
  const asked = askedLanguage();
  createRoot(() => {
    createEffect(() => {
      if (!me()) return;
      applyTheme(preferences.theme);
      remember("kith-theme", preferences.theme === "system" ? null : preferences.theme);
    });
    createEffect(() => {
      if (!me()) return;
      remember(REMEMBERED, preferences.language);
      void setLanguage(asked ?? preferences.language);
    });
  });
}
