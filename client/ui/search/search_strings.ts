import { part } from "../i18n/dictionary.ts";

/** Sentences of the search for messages, in the language of the page. */
export const strings = part("search");
