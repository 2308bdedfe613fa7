/** Strings of the emoji picker, in English. */
export const emojiEn = {
  emoji: "Emoji",
  searchEmoji: "Search emoji",
  recent: "Recent",
  noEmoji: "No emoji of this name",
};

/** The same strings in any language. */
export type EmojiStrings = typeof emojiEn;
