import { words } from "../../ui/i18n/language.ts";
import { chooseTheme, theme } from "../../ui/state/settings.ts";

const THEMES = ["system", "light", "dark"] as const;

/** Offers light, dark, and what the system has. */
export function ThemeSwitch() {
  return (
    <select
      class="theme-switch"
      aria-label={words.value.theme}
      value={theme.value}
      onChange={({ currentTarget: { value } }) => {
        const chosen = THEMES.find((one) => one === value);
        if (chosen !== undefined) chooseTheme(chosen);
      }}
    >
      {THEMES.map((one) => <option key={one} value={one}>{words.value.themes[one]}</option>)}
    </select>
  );
}
