import { computed, signal } from "@preact/signals";
import type { TalkWords } from "./talk_en.ts";

/** The tag of a language that is spoken here. */
export type Language = "en" | "zh";

/** The language that was chosen, or else the first of the browser's that is spoken here. */
export const language = signal<Language>(firstSpoken(navigator.languages) ?? "en");

/** The language as `lang` has it. */
export const languageTag = computed(() => language.value === "zh" ? "zh-Hans" : "en");

const known = signal<Readonly<Partial<Record<Language, TalkWords>>>>({});

/** What is said where people talk, in the chosen language. */
export const words = computed((): TalkWords => {
  const spoken = known.value[language.value];
  if (!spoken) throw new Error(`Nobody has taught "${language.value}"`);
  return spoken;
});

/** To be called before anything is said: whoever shows something knows which languages it may be shown in. */
export function teach(dictionaries: Readonly<Partial<Record<Language, TalkWords>>>): void {
  known.value = dictionaries;
}

/** The first of some tags, such as `zh-TW`, whose language is spoken here. */
export function firstSpoken(tags: readonly (string | undefined)[]): Language | undefined {
  return tags.map((tag) => tag?.split("-")[0]).find(isSpoken);
}

function isSpoken(tag: string | undefined): tag is Language {
  return tag === "en" || tag === "zh";
}
