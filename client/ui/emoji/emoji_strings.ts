import { part } from "../i18n/dictionary.ts";

/** Sentences of the emoji picker, in the language of the page. */
export const strings = part("emoji");
