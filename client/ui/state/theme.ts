import { keptAs } from "../storage/local_store.ts";

/** Light, dark, or as the system has it. */
export type Theme = "system" | "light" | "dark";

/** The theme that was chosen in this browser. */
export const keptTheme = keptAs("halley.theme", isTheme);

/** Paints the page in that theme, and what the browser paints around it. */
export function showTheme(theme: Theme): void {
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
