import { part } from "../../ui/i18n/dictionary.ts";

/** Sentences that only the widget has, in its language. */
export const strings = part("widget");
