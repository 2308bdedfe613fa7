import { computed, effect, signal } from "@preact/signals";
import { keptLanguage } from "../state/kept.ts";
import { type Dictionary, en } from "./en.ts";
import { zh } from "./zh.ts";

/** The languages that the page speaks, by their tags. */
export const DICTIONARIES = { en, zh } as const satisfies Record<string, Dictionary>;

/** The tag of one of them. */
export type Language = keyof typeof DICTIONARIES;

/** The language that was chosen, or else the first of the browser's that is spoken here. */
export const language = signal<Language>(firstSpoken());

/** What the page says, in the chosen language. */
export const words = computed((): Dictionary => DICTIONARIES[language.value]);

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-Hans" : "en";
});

/** Speaks that language from now on, after a reload too. */
export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  keptLanguage.write(chosen);
}

function firstSpoken(): Language {
  const wanted = [keptLanguage.read(), ...navigator.languages, navigator.language];
  return wanted.map((tag) => tag?.split("-")[0]).find(isSpoken) ?? "en";
}

function isSpoken(tag: string | undefined): tag is Language {
  return tag !== undefined && tag in DICTIONARIES;
}
