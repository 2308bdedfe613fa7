import type { Emoji } from "../en/emoji.ts";

/** Sentences of the emoji picker, in French. */
export const emoji: Emoji = {
  emoji: "Emoji",
  searchEmoji: "Chercher un emoji",
  recent: "Récents",
  skinTone: "Couleur de peau",
  noEmoji: "Aucun emoji de ce nom",
};
