/** Maximum length of a text that is checked: one emoji can have many UTF-16 code units, but three of them have fewer. */
const MAX_EMOJI_LENGTH = 64;

/**
 * One to three emoji: flags, keycaps, and pictures with modifiers, tags and what is joined to them. Not with
 * `Intl.Segmenter`, which Firefox 115 lacks.
 */
const FEW_EMOJI =
  /^(?:\p{RI}{1,2}|[\d#*]\uFE0F?\u20E3|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}(?=[\uFE0F\u{1F3FB}-\u{1F3FF}\u200D]))[\uFE0F\p{Emoji_Modifier}\u{E0020}-\u{E007F}]*(?:\u200D\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]*)*){1,3}$/u;

/** Whether a text is one to three emoji, which are shown large. */
export function isFewEmoji(text: string): boolean {
  return text.length <= MAX_EMOJI_LENGTH && FEW_EMOJI.test(text.replace(/\s/g, ""));
}
