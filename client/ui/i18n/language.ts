import { computed } from "@preact/signals";
import { type Dictionary, en } from "./en.ts";
import { type Language, language, teach } from "./talk.ts";
import { zh } from "./zh.ts";

/** The languages that the page speaks, by their tags. */
export const DICTIONARIES = { en, zh } as const satisfies Record<Language, Dictionary>;

teach(DICTIONARIES);

/** What the page says, in the chosen language. */
export const words = computed((): Dictionary => DICTIONARIES[language.value]);

/** Speaks that language from now on. */
export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
}
