import { part } from "./dictionary.ts";

/** Sentences of what can be done with messages, in the language of the page. */
export const strings = part("tools");
