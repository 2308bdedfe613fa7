import type { Emoji } from "../en/emoji.ts";

/** Sentences of the emoji picker, in Spanish. */
export const emoji: Emoji = {
  emoji: "Emojis",
  searchEmoji: "Buscar emojis",
  recent: "Recientes",
  skinTone: "Tono de piel",
  noEmoji: "Ningún emoji tiene este nombre",
};
