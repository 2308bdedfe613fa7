import { computed, signal } from "@preact/signals";
import type { ChatStrings } from "./chat_en.ts";
import { type Language, language } from "./language.ts";

type Translations = Readonly<Partial<Record<Language, ChatStrings>>>;

const translations = signal<Translations>({});

/** Strings of the views that the page and the widget share, in the chosen language; in English while that is not loaded. */
export const strings = computed((): ChatStrings => {
  const { [language.value]: chosen = translations.value.en } = translations.value;
  if (!chosen) throw new Error(`No strings for ${language.value}`);
  return chosen;
});

/** Sets the strings; call it before rendering. The page provides the languages that it has loaded, the widget only one. */
export function provideStrings(provided: Translations): void {
  translations.value = provided;
}
