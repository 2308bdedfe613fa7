import { REACTION_KINDS, REACTIONS } from "../../protocol/limits.ts";
import type { Reaction } from "../../protocol/message.ts";
import { hasReacted, type ReactionDraft } from "../../protocol/reactions.ts";

const EMOJI = /^\p{RGI_Emoji}$/v;

/** U+FE0F asks for an emoji in colours. It follows characters that are also shown as plain text. */
const VARIATION = /\ufe0f/g;
const TEXT_BY_DEFAULT = /(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu;

/** Longer than any emoji, in UTF-16 code units. */
const MAX_LENGTH = 64;

/** The one spelling of an emoji that Unicode recommends for interchange; `undefined` if the text is not an emoji. */
export function emojiOf(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const emoji = text.replace(VARIATION, "").replace(TEXT_BY_DEFAULT, "$&\ufe0f");
  return EMOJI.test(emoji) ? emoji : undefined;
}

/** Whether a message cannot take one more reaction. */
export function isFull(reactions: readonly Reaction[] = [], draft: ReactionDraft): boolean {
  const { by, emoji, on } = draft;
  if (!on || hasReacted(reactions, by, emoji)) return false;
  const count = reactions.reduce((sum, one) => sum + one.by.length, 0);
  const isNewKind = !reactions.some((one) => one.emoji === emoji);
  return count >= REACTIONS || isNewKind && reactions.length >= REACTION_KINDS;
}
