import { assertEquals, assertThrows } from "@std/assert";
import { foundRanges, phrasesOf } from "../../../server/core/log/search_query.ts";
import { joinedWords, wordsOf } from "../../../server/core/log/words.ts";
import { Refused } from "../../../server/core/model/refused.ts";

function words(text: string): string {
  return wordsOf(text).map(({ word }) => word).join(" ");
}

/** Whether a text is found by a query, as the parts of it that are marked. */
function found(query: string, text: string): readonly string[] | undefined {
  const phrases = phrasesOf(query);
  const message = { id: 1, channel: "room:tea", at: 1, text };
  const isFound = phrases.length > 0 &&
    phrases.every((phrase) => foundRanges(message, [phrase]).length > 0);
  return isFound
    ? foundRanges(message, phrases).map(({ start, end }) => text.slice(start, end))
    : undefined;
}

const DIVIDED: Record<string, string> = {
  "Hello, WÖRLD! Don't_do": "hello world don t do",
  "bob@example.com https://a.test/x?y=1": "bob example com https a test x y 1",
  "Straße ΟΔΟΣ ﬁn １２ＡＢ": "strasse οδοσ fin 12ab",
  "café cafe\u0301 مَرحبًا": "cafe cafe مرحبا",
  "soft\u00adhyphen a\u2060b \u05d0\u200f\u05d1 ක්\u200dර \u00ad": "softhyphen ab \u05d0\u05d1 ක්ර",
  "می\u200cخواهم zero\u200bwidth": "می خواهم zero width",
  "今天，东京": "今 天 东 京",
  "ﾃﾞﾊﾟｰﾄ デパート": "デ パ ー ト デ パ ー ト",
  "한국어를 สวัสดี": "한 국 어 를 ส วั ส ดี",
  "mixed中文text": "mixed 中 文 text",
  "👍🏽 👨‍👩‍👧 🇯🇵🇩🇪 ❤️ €": "👍 👨 👩 👧 🇯🇵 🇩🇪 ❤ €",
  "?!… — \0 \ud800 ' \" * ( ) ^ `": "",
};

const FOLDED: Record<string, string> = {
  "cœur ŒUF Ærø ǿ": "coeur oeuf aero o",
  "Łódź đẹp Tiếng ħaŧ": "lodz dep tieng hat",
  "\u1112\u1161\u11ab\u1100\u1173\u11af \uac00\u11a8": "한 글 각",
};

for (const [text, expected] of Object.entries(FOLDED)) {
  Deno.test(`[D95] ${JSON.stringify(text)} has the words "${expected}"`, () => {
    assertEquals(words(text), expected);
  });
}

for (const [text, expected] of Object.entries(DIVIDED)) {
  Deno.test(`[D81] ${JSON.stringify(text)} has the words "${expected}"`, () => {
    assertEquals(words(text), expected);
  });
}

for (
  const text of [
    ...Object.keys(DIVIDED),
    ...Object.keys(FOLDED),
    String.fromCharCode(...Array(128).keys()),
    `${"x".repeat(64)} ${"Y9".repeat(60)}.z`,
    " .A-b_c:d\n",
  ]
) {
  Deno.test(`[D80] the index has the words of ${JSON.stringify(text)} that are compared`, () => {
    assertEquals(joinedWords(text), words(text));
  });
}

Deno.test("[D81] of a long word, the beginning is compared", () => {
  const long = "x".repeat(100);

  assertEquals(found(`${long}y`, `${long}z`), [`${long}z`]);
});

const FOUND:
  readonly (readonly [query: string, text: string, marked: readonly string[] | undefined])[] = [
    ["tea", "Green TEA and tea.", ["TEA", "tea"]],
    ["tea green", "Green TEA", ["Green", "TEA"]],
    ["tea milk", "Green tea", undefined],
    ["gre", "Green tea", ["Green"]],
    ["gre tea", "Green tea", undefined],
    ["g", "Green tea", undefined],
    ['"tea green"', "Green tea", undefined],
    ['"green tea"', "My Green, tea", ["Green, tea"]],
    ['"green te"', "Green tea", undefined],
    ["softhyphen", "a soft\u00adhyphen.", ["soft\u00adhyphen"]],
    ["soft\u00adhy", "a softhyphen.", ["softhyphen"]],
    ["bob@example.com", "ask bob@example.com now", ["bob@example.com"]],
    ["bob@example.com", "bob at example dot com", undefined],
    ["https://a.test/x?y=1", "see https://a.test/x?y=1.", ["https://a.test/x?y=1"]],
    ["东京", "今天去东京吃饭", ["东京"]],
    ["京", "今天去东京吃饭", ["京"]],
    ["京东", "今天去东京吃饭", undefined],
    ["ラーメン", "美味しいラーメン屋", ["ラーメン"]],
    ["친구", "친구를 만나다", ["친구"]],
    ["👍", "ok 👍🏽!", ["👍"]],
    ["👍 ok", "ok 👍", ["ok", "👍"]],
    ["東京 tea", "東京のTea", ["東京", "Tea"]],
  ];

for (const [query, text, marked] of FOUND) {
  const verb = marked === undefined ? "does not find" : "finds";
  Deno.test(`[D80] ${JSON.stringify(query)} ${verb} ${JSON.stringify(text)}`, () => {
    assertEquals(found(query, text), marked);
  });
}

Deno.test("[D80] a word of the title is found and not marked", () => {
  const message = { id: 1, channel: "notice", at: 1, title: "Green order", text: "tea order" };

  assertEquals(foundRanges(message, phrasesOf("order")), [{ start: 4, end: 9 }]);
  assertEquals(foundRanges(message, phrasesOf("green")), []);
});

Deno.test("[D89] a query has at most 256 characters and 40 words", () => {
  assertEquals(phrasesOf("x".repeat(256)).length, 1);
  assertEquals(phrasesOf("天".repeat(40))[0]?.words.length, 40);
  for (const query of ["x".repeat(257), "x".repeat(10_000), "天".repeat(41)]) {
    assertEquals(assertThrows(() => phrasesOf(query), Refused).refusal, "invalid_request");
  }
});
