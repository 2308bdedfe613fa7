import { effect } from "@preact/signals";
import { language, languageTag, supportedLanguage } from "../i18n/language.ts";
import { localValue, PAGE_PREFIX } from "./stored_value.ts";

/** Selects the language that was chosen in this browser, also later in another tab, stores choices, and sets `<html lang>`. */
export function restoreLanguage(): void {
  const stored = localValue(`${PAGE_PREFIX}.language`, isString);
  const restore = () => language.value = supportedLanguage([stored.read()]) ?? language.value;
  const initial = restore();
  stored.watch(restore);
  effect(() => {
    document.documentElement.lang = languageTag.value;
    // The language of the browser is not stored: it may be changed there.
    if (language.value !== initial || stored.read() !== undefined) stored.write(language.value);
  });
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
