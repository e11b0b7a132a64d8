/** The languages that there are words in, by the name that their speakers give them. */
export const languages = { en: "English", de: "Deutsch", es: "Español", ar: "العربية" } as const;

export type Language = keyof typeof languages;

/** A language in which every word is marked, to find what is not translated. */
export const pseudoLanguage = "en-XA";

function known(tag: string): Language | undefined {
  const base = tag.toLowerCase().split("-")[0];
  return base !== undefined && base in languages ? (base as Language) : undefined;
}

/**
 * The language of the words, and the tag that numbers and dates are written by: "English" on a device from Ireland
 * keeps the dates of Ireland.
 */
export function chooseLanguage(
  preferred: string | null,
  device: readonly string[],
): { language: Language; tag: string; pseudo: boolean } {
  if (preferred === pseudoLanguage) return { language: "en", tag: pseudoLanguage, pseudo: true };
  const wish = preferred === null ? undefined : known(preferred);
  const language = wish ?? device.map(known).find((candidate) => candidate !== undefined) ?? "en";
  const precise = preferred?.includes("-") && wish ? preferred : device.find((tag) => known(tag) === language);
  return { language, tag: precise ?? language, pseudo: false };
}

export function directionOf(language: Language): "ltr" | "rtl" {
  return language === "ar" ? "rtl" : "ltr";
}
