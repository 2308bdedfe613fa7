/** A word of a text, as it is compared, and its range there in UTF-16 code units. */
export interface Word {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Characters of a word that are compared; what follows them is ignored. */
const WORD_LENGTH = 64;

/** What is invisible within a word: soft hyphens, joiners of letters, and marks of direction. */
const INVISIBLE = String.raw`\u00ad\u061c\u200d-\u200f\u2060`;

/**
 * The parts of a text that are words: a flag; a character of a script that does not separate words by spaces; a run of letters
 * and digits; or a symbol, such as an emoji. Punctuation, joiners and skin tones are none.
 */
const WORDS = new RegExp(
  [
    String.raw`\p{RI}\p{RI}`,
    // A syllable of Hangul in its parts, as file names of macOS have it.
    String.raw`(?:[\u1100-\u1112][\u1161-\u1175]|[\uac00-\ud7a3])[\u11a8-\u11c2]?\p{M}*`,
    String.raw`[[\p{L}\p{N}]&&[${spaceless()}]][\p{M}\uff9e\uff9f]*`,
    String.raw`(?:[[\p{L}\p{N}]--[${spaceless()}]][\p{M}${INVISIBLE}]*)+`,
    String.raw`[[\p{S}\p{Extended_Pictographic}]--[\p{ASCII}\p{Sk}\ufffd]]`,
  ].join("|"),
  "gv",
);

/** Scripts without spaces between words; Hangul, because its particles are written together with the word. */
function spaceless(): string {
  return ["Han", "Hira", "Kana", "Bopo", "Hang", "Thai", "Laoo", "Khmr", "Mymr"]
    .map((script) => String.raw`\p{scx=${script}}`).join("");
}

// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** In ASCII: a word of which only the beginning is compared, and what is between lower-case words. */
const LONG = new RegExp(`[a-z0-9]{${WORD_LENGTH + 1}}`, "i");
const BETWEEN = /[^a-z0-9]+/g;

/** Accents and other marks that people leave out when they search, variation selectors, and what is invisible. */
const MARKS = new RegExp(
  String
    .raw`[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\ufe00-\ufe0f\u{e0100}-\u{e01ef}${INVISIBLE}]`,
  "gu",
);

/** Letters that have no decomposition, as people write them who do not have them on their keyboard. */
const PLAIN: Readonly<Record<string, string>> = {
  æ: "ae",
  đ: "d",
  ħ: "h",
  ł: "l",
  ø: "o",
  œ: "oe",
  ŧ: "t",
};
const PLAINED = new RegExp(`[${Object.keys(PLAIN).join("")}]`, "g");

/** ASCII characters that belong to no word: compatible forms of some symbols have them. */
// deno-lint-ignore no-control-regex
const SEPARATORS = /[\x00-\x2f\x3a-\x60\x7b-\x7f]/g;

/**
 * The words of a text in their order. Case, accents, and the width of characters do not matter. A word has no ASCII characters
 * but lower-case letters and digits.
 */
export function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  for (const { 0: found, index: start } of text.matchAll(WORDS)) {
    const word = folded(found);
    if (word !== "") words.push({ word, start, end: start + found.length });
  }
  return words;
}

/** The words of a text in their order, separated by spaces. */
export function joinedWords(text: string): string {
  // A tenth of the time for most texts of most languages of Europe.
  if (ASCII.test(text) && !LONG.test(text)) return text.toLowerCase().replace(BETWEEN, " ").trim();
  return wordsOf(text).map(({ word }) => word).join(" ");
}

/**
 * Maximum number of words whose folded forms are remembered, and of the characters of such a word: a longer part of a text
 * would keep all of it in memory (V8).
 */
const REMEMBERED = { words: 10_000, length: 12 } as const;

/** Words other than those in ASCII, as they are compared: to fold one takes ten times as long as to look it up. */
const remembered = new Map<string, string>();

function folded(found: string): string {
  if (ASCII.test(found) || found.length > REMEMBERED.length) return fold(found);
  const known = remembered.get(found);
  if (known !== undefined) return known;
  if (remembered.size >= REMEMBERED.words) remembered.clear();
  const word = fold(found);
  remembered.set(found, word);
  return word;
}

function fold(found: string): string {
  const short = found.length > WORD_LENGTH ? [...found].slice(0, WORD_LENGTH).join("") : found;
  if (ASCII.test(short)) return short.toLowerCase();
  // By way of upper case, which unites forms such as "ß" and "ss".
  return short.normalize("NFKD").replace(MARKS, "").toUpperCase().toLowerCase()
    .replaceAll("ς", "σ").replace(PLAINED, (letter) => PLAIN[letter] ?? letter)
    .replace(SEPARATORS, "").normalize("NFC");
}
