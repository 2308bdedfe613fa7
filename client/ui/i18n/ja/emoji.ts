import type { Emoji } from "../en/emoji.ts";

/** Sentences of the emoji picker, in Japanese. */
export const emoji: Emoji = {
  emoji: "絵文字",
  searchEmoji: "絵文字を検索",
  recent: "最近使ったもの",
  skinTone: "肌の色",
  noEmoji: "この名前の絵文字はありません",
};
