import { assertEquals } from "@std/assert";
import { excerptOf } from "../../client/ui/search/excerpt.ts";

/** An excerpt with its found words in brackets. */
function marked(text: string, ...words: readonly [start: number, end: number][]): string {
  return excerptOf(text, words.map(([start, end]) => ({ start, end })))
    .map(({ text, isFound }) => isFound ? `[${text}]` : text).join("");
}

Deno.test("[U341] an excerpt is the text with the words that were found", () => {
  assertEquals(marked("green tea", [6, 9]), "green [tea]");
  assertEquals(marked("tea or tea", [0, 3], [7, 10]), "[tea] or [tea]");
  assertEquals(marked("no word"), "no word");
  assertEquals(marked(""), "");
});

Deno.test("[U341] of a long text, an excerpt has what is around the first word that was found", () => {
  const text = `${"before ".repeat(50)}tea ${"after ".repeat(80)}tea`;
  const last = text.length - 3;

  const excerpt = marked(text, [350, 353], [last, last + 3]);

  assertEquals(excerpt.startsWith("…before before "), true);
  assertEquals(excerpt.endsWith("…"), true);
  assertEquals(excerpt.split("[tea]").length, 2);
  assertEquals(excerpt.length < 300, true);
  assertEquals(marked(text).startsWith("before "), true);
});

Deno.test("[U341] an excerpt has only whole characters, and is made of any ranges", () => {
  const faces = "😀".repeat(400);

  for (const start of [2, 200, 201, 798]) {
    const excerpt = marked(faces, [start, start + 2]);
    assertEquals(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/.test(excerpt.replace(/[[\]]/g, "")), false);
    assertEquals(excerpt.replace(/[^😀]/gu, "").length > 0, true);
  }
  assertEquals(marked("tea", [0, 99]), "[tea]");
  assertEquals(marked("tea", [50, 99]), "tea");
});
