import type { TextRange } from "../../comet/halley.ts";

/** Maximum number of characters of an excerpt, and of those before the first word that was found. */
const LENGTH = 280;
const BEFORE = 60;

/** Maximum number of characters that are left out so that an excerpt begins with a whole word. */
const LONG_WORD = 20;

/** A part of an excerpt: a word that was found, or what is around it. */
export interface ExcerptPart {
  readonly text: string;
  readonly isFound: boolean;
}

/** The part of a text around the first words that were found, in parts. */
export function excerptOf(text: string, words: readonly TextRange[]): readonly ExcerptPart[] {
  const start = startIn(text, words[0]?.start ?? 0);
  const end = wholeCharacter(text, start + LENGTH);
  const parts: ExcerptPart[] = [];
  let at = start;
  const add = (to: number, isFound: boolean) => {
    if (to > at) parts.push({ text: text.slice(at, to), isFound });
    at = Math.max(at, to);
  };
  if (start > 0) parts.push({ text: "…", isFound: false });
  for (const range of words) {
    add(Math.min(range.start, end), false);
    add(Math.min(range.end, end), true);
  }
  add(end, false);
  if (end < text.length) parts.push({ text: "…", isFound: false });
  return parts;
}

/** Where an excerpt begins. */
function startIn(text: string, first: number): number {
  if (first <= BEFORE) return 0;
  const start = wholeCharacter(text, first - BEFORE);
  const space = text.slice(start, start + LONG_WORD).search(/\s/);
  return space < 0 ? start : start + space + 1;
}

/** An index that is not between the halves of a character. */
function wholeCharacter(text: string, index: number): number {
  if (index >= text.length) return text.length;
  return /[\uDC00-\uDFFF]/.test(text.charAt(index)) && index > 0 ? index - 1 : index;
}
