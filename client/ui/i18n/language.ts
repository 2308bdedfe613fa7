import { computed, signal } from "@preact/signals";

/** A language of the user interface. */
export type Language = "en" | "zh";

/** The chosen language; at first the one that the browser prefers. */
export const language = signal<Language>(supportedLanguage(navigator.languages) ?? "en");

/** The value for a `lang` attribute. */
export const languageTag = computed(() => language.value === "zh" ? "zh-Hans" : "en");

/** Returns the first supported language among language tags such as `zh-TW`. */
export function supportedLanguage(tags: readonly (string | undefined)[]): Language | undefined {
  return tags.map((tag) => tag?.split("-")[0]).find(isLanguage);
}

function isLanguage(tag: string | undefined): tag is Language {
  return tag === "en" || tag === "zh";
}
