import type { Emoji } from "../en/emoji.ts";

/** Sentences of the emoji picker, in Arabic. */
export const emoji: Emoji = {
  emoji: "رموز تعبيرية",
  searchEmoji: "بحث عن رمز",
  recent: "الأخيرة",
  skinTone: "لون البشرة",
  noEmoji: "لا رمز بهذا الاسم",
};
