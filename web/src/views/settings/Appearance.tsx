import { For } from "solid-js";
import { Select } from "../../parts/choices";
import { Icon } from "../../parts/Icon";
import { preferences, changePreferences } from "../../state/preferences";
import { t } from "../../text";
import { chooseLanguage, languages, pseudoLanguage, type Language } from "../../text/language";
import { attempt } from "../actions";

const themes = [
  { value: "system", icon: "monitor" },
  { value: "light", icon: "sun" },
  { value: "dark", icon: "moon" },
] as const;

/** How it looks, and which language it speaks. */
export function Appearance() {
  const choices = () => {
    const device = chooseLanguage(null, navigator.languages).language;
    const all: { value: string; label: string }[] = [
      { value: "", label: t().settings.language_device(languages[device]) },
      ...Object.entries(languages).map(([value, label]) => ({ value, label })),
    ];
    if (import.meta.env.DEV || preferences.language === pseudoLanguage)
      all.push({ value: pseudoLanguage, label: pseudoLanguage });
    return all;
  };
  const language = () => {
    const wish = preferences.language;
    if (wish === null || wish === pseudoLanguage) return wish ?? "";
    return wish.split("-")[0] as Language;
  };
  return (
    <div class="settings-form">
      <fieldset class="theme-choices">
        <legend class="field-label">{t().settings.theme}</legend>
        <For each={themes}>
          {(theme) => (
            <label class="theme-choice" data-testid="theme-option" data-theme={theme.value}>
              <input
                class="only-spoken"
                type="radio"
                name="theme"
                checked={preferences.theme === theme.value}
                onChange={() => void attempt(() => changePreferences({ theme: theme.value }))}
              />
              <span class="theme-sample" data-sample={theme.value} aria-hidden="true">
                <span class="theme-list" />
                <span class="theme-talk">
                  <span class="theme-bubble" />
                  <span class="theme-bubble" data-own="" />
                  <span class="theme-bubble" />
                </span>
              </span>
              <span class="theme-name">
                <Icon name={theme.icon} size="s" />
                {t().settings[`theme_${theme.value}`]}
              </span>
            </label>
          )}
        </For>
        <p class="field-hint">{t().settings.theme_hint}</p>
      </fieldset>
      <div data-testid="preference-language">
        <Select
          label={t().settings.language}
          value={language()}
          choices={choices()}
          onChange={(value) => void attempt(() => changePreferences({ language: value === "" ? null : value }))}
        />
      </div>
    </div>
  );
}
