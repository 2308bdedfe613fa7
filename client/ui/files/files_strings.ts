import { part } from "../i18n/dictionary.ts";

/** Sentences of files, in the language of the page. */
export const strings = part("files");
