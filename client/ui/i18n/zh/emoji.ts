import type { Emoji } from "../en/emoji.ts";

/** Sentences of the emoji picker, in Chinese. */
export const emoji: Emoji = {
  emoji: "表情",
  searchEmoji: "搜索表情",
  recent: "最近使用",
  skinTone: "肤色",
  noEmoji: "没有这个名称的表情",
};
