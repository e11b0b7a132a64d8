import { describe, expect, it } from "vitest";
import { chooseLanguage } from "./language";

describe("the language", () => {
  it.each<[string | null, string[], string, string]>([
    [null, ["de-AT", "en"], "de", "de-AT"],
    [null, ["fr-FR", "es-MX"], "es", "es-MX"],
    [null, ["fr"], "en", "en"],
    ["de", ["en-IE", "de-CH"], "de", "de-CH"],
    ["ar", ["en-IE"], "ar", "ar"],
    ["es-AR", ["es-ES"], "es", "es-AR"],
    ["fr", ["de"], "de", "de"],
  ])("for the preference %j on a device with %j is %s, written as %s", (preferred, device, language, tag) => {
    expect(chooseLanguage(preferred, device)).toEqual({ language, tag, pseudo: false });
  });

  it("may be the one for tests", () => {
    expect(chooseLanguage("en-XA", ["de"])).toEqual({ language: "en", tag: "en-XA", pseudo: true });
  });
});
