import { matchLanguage } from "../i18n/language_tags.ts";
import { localValue, PAGE_PREFIX } from "./stored_value.ts";

/** The tag of the language that was chosen in this browser. */
export const storedLanguage = localValue(`${PAGE_PREFIX}.language`, isString);

/** The language whose dictionary has every sentence. */
export const FALLBACK = "en";

/** The language that was chosen in this browser, or else the first that the browser prefers and the page has. */
export function wantedLanguage(available: readonly string[]): string {
  return matchLanguage([storedLanguage.read(), ...navigator.languages], available) ?? FALLBACK;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
