import { computed, signal } from "@preact/signals";
import { type Language, language } from "./language.ts";
import { toolsEn, type ToolStrings } from "./tools_en.ts";

const translations = signal<Readonly<Partial<Record<Language, ToolStrings>>>>({});

/** Strings of what can be done with messages, in the chosen language; in English while that is not loaded. */
export const strings = computed((): ToolStrings => translations.value[language.value] ?? toolsEn);

/** Sets the strings of languages besides English. */
export function provideToolStrings(provided: typeof translations.value): void {
  translations.value = provided;
}
