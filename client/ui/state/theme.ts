import { localValue, PAGE_PREFIX } from "../storage/stored_value.ts";

/** `system`: light or dark, as the system prefers. */
export type Theme = "system" | "light" | "dark";

/** The theme that was chosen in this browser. */
export const storedTheme = localValue(`${PAGE_PREFIX}.theme`, isTheme);

/** Applies a theme to the page, and to what the browser paints around it. */
export function applyTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
    const { scheme } = meta.dataset;
    if (theme === "system") meta.media = `(prefers-color-scheme: ${scheme})`;
    else meta.media = theme === scheme ? "all" : "not all";
  }
}

function isTheme(value: unknown): value is Theme {
  return value === "system" || value === "light" || value === "dark";
}
