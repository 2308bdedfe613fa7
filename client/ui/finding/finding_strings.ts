import { part } from "../i18n/dictionary.ts";

/** Sentences of these dialogs, in the language of the page. */
export const strings = part("finding");
