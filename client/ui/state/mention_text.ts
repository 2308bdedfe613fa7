/** A part of a text: `@` and a name, or what stands between. */
export interface MentionPart {
  readonly text: string;
  /** The name, as it is in the list of names. */
  readonly name?: string;
}

/** A character of a word, in scripts that separate words by spaces. */
const WORD_CHARACTER = /(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}])[\p{L}\p{M}\p{N}_]/u;

/** Matches what is typed before the caret if it ends with `@` and a beginning of a name, up to its maximum length. */
export const TYPED_NAME = new RegExp(`(?<!${WORD_CHARACTER.source})(@[^@\\n]{0,64})$`, "u");

/** Divides a text at the names that it mentions: `@alice` in upper or lower case, but not as a part of `@alicent`. */
export function mentionParts(text: string, names: readonly string[]): readonly MentionPart[] {
  const longestFirst = [...names].sort((one, other) => other.length - one.length);
  const parts: MentionPart[] = [];
  let end = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", Math.max(end, at + 1))) {
    if (WORD_CHARACTER.test(text.slice(0, at).at(-1) ?? "")) continue;
    const name = longestFirst.find((one) => isNameAt(text, at + 1, one));
    if (name === undefined) continue;
    if (at > end) parts.push({ text: text.slice(end, at) });
    end = at + 1 + name.length;
    parts.push({ text: text.slice(at, end), name });
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end) });
  return parts;
}

function isNameAt(text: string, at: number, name: string): boolean {
  const [after = ""] = text.slice(at + name.length);
  return text.slice(at, at + name.length).toLowerCase() === name.toLowerCase() &&
    !WORD_CHARACTER.test(after);
}

/** Whether a name, or one of its words, begins with what was typed, whatever its case and accents. */
export function beginsWith(name: string, typed: string): boolean {
  const [whole, beginning] = [plain(name), plain(typed)];
  return whole.startsWith(beginning) ||
    whole.split(/[\s\p{P}]+/u).some((word) => word.startsWith(beginning));
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
