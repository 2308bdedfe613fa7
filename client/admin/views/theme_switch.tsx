import { words } from "../../ui/i18n/language.ts";
import { chooseTheme, theme } from "../../ui/shell/settings.ts";

const THEMES = ["system", "light", "dark"] as const;

/** Offers light, dark, and what the system has. */
export function ThemeSwitch() {
  return (
    <label class="theme-switch">
      <span class="only-heard">{words.value.theme}</span>
      <select
        value={theme.value}
        onChange={({ currentTarget: { value } }) => {
          const chosen = THEMES.find((one) => one === value);
          if (chosen !== undefined) chooseTheme(chosen);
        }}
      >
        {THEMES.map((one) => <option key={one} value={one}>{words.value.themes[one]}</option>)}
      </select>
    </label>
  );
}
