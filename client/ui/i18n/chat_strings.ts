import { part } from "./dictionary.ts";

/** Sentences of the views that the page and the widget share, in the language of the page. */
export const strings = part("chat");
