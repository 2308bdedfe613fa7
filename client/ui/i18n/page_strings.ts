import { computed, signal } from "@preact/signals";
import { provideStrings } from "./chat_strings.ts";
import { type Language, language } from "./language.ts";
import { pageEn, type PageStrings } from "./page_en.ts";
import { provideToolStrings } from "./tools_strings.ts";

type Translations = Readonly<Partial<Record<Language, PageStrings>>>;

/** The name of each language in that language. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

const translations = signal<Translations>({});

/** Strings of the page, in the chosen language; in English while that is not loaded. */
export const strings = computed((): PageStrings => translations.value[language.value] ?? pageEn);

/** Adds the strings of further languages. */
export function providePageStrings(more: Translations): void {
  translations.value = { en: pageEn, ...translations.value, ...more };
  provideStrings(translations.value);
  provideToolStrings(translations.value);
}

providePageStrings({});
