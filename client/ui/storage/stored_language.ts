import { effect } from "@preact/signals";
import { language, languageTag, supportedLanguage } from "../i18n/language.ts";
import { localValue, PAGE_PREFIX } from "./stored_value.ts";

/** Selects the language that was chosen earlier in this browser, stores later choices, and sets `<html lang>`. */
export function restoreLanguage(): void {
  const stored = localValue(`${PAGE_PREFIX}.language`, isString);
  language.value = supportedLanguage([stored.read()]) ?? language.value;
  const initial = language.value;
  effect(() => {
    document.documentElement.lang = languageTag.value;
    // The language of the browser is not stored: it may be changed there.
    if (language.value !== initial || stored.read() !== undefined) stored.write(language.value);
  });
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
