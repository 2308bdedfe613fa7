import { effect } from "@preact/signals";
import { language, languageTag, supportedLanguage } from "../i18n/language.ts";
import { isString, keptAs } from "./local_store.ts";

/** Speaks the language that was chosen here before, keeps the one that is chosen, and tells it in `<html lang>`. */
export function keepLanguage(): void {
  const kept = keptAs("halley.language", isString);
  language.value = supportedLanguage([kept.read()]) ?? language.value;
  const first = language.value;
  effect(() => {
    document.documentElement.lang = languageTag.value;
    if (language.value !== first || kept.read() !== undefined) kept.write(language.value);
  });
}
