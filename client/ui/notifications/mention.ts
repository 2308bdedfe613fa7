/** A part of a word, in those scripts that put spaces between words. */
const PART = /[[\p{L}\p{M}\p{N}_]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}]]/v;

/** Whether a text names somebody: `@alice`, in whatever case, and not as a part of `@alicent`. */
export function mentions(text: string, name: string): boolean {
  const [said, wanted] = [text.toLowerCase(), `@${name.toLowerCase()}`];
  for (let at = said.indexOf(wanted); at >= 0; at = said.indexOf(wanted, at + 1)) {
    const before = said.slice(0, at).at(-1) ?? "";
    const [after = ""] = said.slice(at + wanted.length);
    if (!PART.test(before) && !PART.test(after)) return true;
  }
  return false;
}
