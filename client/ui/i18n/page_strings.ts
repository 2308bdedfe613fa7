import { computed } from "@preact/signals";
import { provideStrings } from "./chat_strings.ts";
import { type Language, language } from "./language.ts";
import { pageEn, type PageStrings } from "./page_en.ts";
import { pageZh } from "./page_zh.ts";

/** The page's strings by language. */
export const PAGE_STRINGS: Readonly<Record<Language, PageStrings>> = { en: pageEn, zh: pageZh };

provideStrings(PAGE_STRINGS);

/** Strings of the page, in the chosen language. */
export const strings = computed((): PageStrings => PAGE_STRINGS[language.value]);
