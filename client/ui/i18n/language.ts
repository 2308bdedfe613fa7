import { computed, signal } from "@preact/signals";
import { type Dictionary, en } from "./en.ts";
import { zh } from "./zh.ts";

/** The languages that the page speaks, by their tags. */
export const DICTIONARIES = { en, zh } as const satisfies Record<string, Dictionary>;

/** The tag of one of them. */
export type Language = keyof typeof DICTIONARIES;

/** The language that was chosen, or else the first of the browser's that is spoken here. */
export const language = signal<Language>(firstSpoken(navigator.languages) ?? "en");

/** What the page says, in the chosen language. */
export const words = computed((): Dictionary => DICTIONARIES[language.value]);

/** The language as `lang` has it. */
export const languageTag = computed(() => language.value === "zh" ? "zh-Hans" : "en");

/** The first of some tags, such as `zh-TW`, whose language is spoken here. */
export function firstSpoken(tags: readonly (string | undefined)[]): Language | undefined {
  return tags.map((tag) => tag?.split("-")[0]).find(isSpoken);
}

function isSpoken(tag: string | undefined): tag is Language {
  return tag !== undefined && tag in DICTIONARIES;
}

/** Speaks that language from now on. */
export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
}
