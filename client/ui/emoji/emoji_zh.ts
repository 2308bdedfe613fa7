import type { EmojiStrings } from "./emoji_en.ts";

/** Strings of the emoji picker, in Chinese. */
export const emojiZh: EmojiStrings = {
  emoji: "表情",
  searchEmoji: "搜索表情",
  recent: "最近使用",
  noEmoji: "没有这个名称的表情",
};
