import { remembered } from "../core/remembered";
import type { Messages } from "./en";
import { chooseLanguage, type Language } from "./language";

/** Where the words of each language are. */
export const loaders: Record<Language, () => Promise<{ default: Messages }>> = {
  en: () => import("./en"),
  de: () => import("./de"),
  es: () => import("./es"),
  ar: () => import("./ar"),
};

/** Under this name stands the language of the last time: see `public/theme.js`. It is no secret. */
export const REMEMBERED = "kith-language";

/** A language that was asked for in the address, to look at translations and for tests. */
export function askedLanguage(): string | null {
  return new URLSearchParams(location.search).get("language");
}

/** The language of a page before its preferences are there. */
export function firstLanguage(): string | null {
  return askedLanguage() ?? remembered(REMEMBERED);
}

/** Fetches the words that will be needed first. Whoever needs them says so if they cannot be had. */
export function fetchWords(): void {
  loaders[chooseLanguage(firstLanguage(), navigator.languages).language]().catch(() => undefined);
}
