import type { Emoji } from "../en/emoji.ts";

/** Sentences of the emoji picker, in German. */
export const emoji: Emoji = {
  emoji: "Emoji",
  searchEmoji: "Emoji suchen",
  recent: "Zuletzt benutzt",
  skinTone: "Hautton",
  noEmoji: "Kein Emoji heißt so",
};
