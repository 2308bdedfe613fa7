/** A character of a word, in scripts that separate words by spaces. */
const WORD_CHARACTER = /(?![\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}])[\p{L}\p{M}\p{N}_]/u;

/** Whether a text mentions a name: `@alice` in upper or lower case, but not as a part of `@alicent`. */
export function mentions(text: string, name: string): boolean {
  const [haystack, needle] = [text.toLowerCase(), `@${name.toLowerCase()}`];
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
    const before = haystack.slice(0, at).at(-1) ?? "";
    const [after = ""] = haystack.slice(at + needle.length);
    if (!WORD_CHARACTER.test(before) && !WORD_CHARACTER.test(after)) return true;
  }
  return false;
}
