import type { Translation } from "../sentences.ts";

/** Sentences of the emoji picker, in English. */
export const emoji = {
  emoji: "Emoji",
  searchEmoji: "Search emoji",
  recent: "Recent",
  skinTone: "Skin tone",
  noEmoji: "No emoji of this name",
} as const;

/** The same sentences in any language. */
export type Emoji = Translation<typeof emoji>;
