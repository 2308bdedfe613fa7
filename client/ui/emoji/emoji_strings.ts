import { computed } from "@preact/signals";
import { language } from "../i18n/language.ts";
import { emojiEn, type EmojiStrings } from "./emoji_en.ts";
import { emojiZh } from "./emoji_zh.ts";

/** Strings of the emoji picker, in the chosen language. */
export const strings = computed((): EmojiStrings => language.value === "zh" ? emojiZh : emojiEn);
