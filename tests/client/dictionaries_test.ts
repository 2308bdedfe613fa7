import { assertEquals } from "@std/assert";
import { DICTIONARIES } from "../../client/ui/i18n/dictionaries.ts";
import { part, provideDictionary } from "../../client/ui/i18n/dictionary.ts";
import { matchLanguage } from "../../client/ui/i18n/language_tags.ts";
import { sentenceErrors, type Sentences } from "../../server/http/languages/check_sentences.ts";

const { en } = DICTIONARIES;

/** The keys of all sentences, such as `chat.send`, with the plural forms of each; none for a sentence without. */
function keysOf(sentences: unknown, path = ""): [key: string, forms: readonly string[]][] {
  if (typeof sentences !== "object" || sentences === null) return [[path, []]];
  if ("other" in sentences) return [[path, Object.keys(sentences)]];
  return Object.entries(sentences).flatMap(([key, value]) =>
    keysOf(value, path ? `${path}.${key}` : key)
  );
}

/** The plural forms that whole numbers below 1,000 have. */
function formsOf(tag: string): string[] {
  const rules = new Intl.PluralRules(tag);
  return [...new Set([...Array(1_000).keys()].map((count) => rules.select(count)))].sort();
}

for (const [tag, { sentences }] of Object.entries(DICTIONARIES)) {
  Deno.test(`[U300] the dictionary of ${tag} is complete, with all placeholders and plural forms`, () => {
    const expected = new Map(keysOf(en!.sentences));
    const found = new Map(keysOf(sentences));
    const english: Sentences = en!.sentences;

    const missing = [...expected.keys()].filter((key) => !found.has(key));
    const forms = [...found].filter(([, forms]) => forms.length > 0)
      .filter(([, forms]) => formsOf(tag).some((form) => !forms.includes(form)));

    assertEquals(missing, []);
    assertEquals(sentenceErrors(tag, sentences, english), []);
    assertEquals(forms.map(([key]) => key), []);
  });
}

Deno.test("[U300] a sentence takes the plural form of its number, and lists are as in the language", () => {
  const [chat, tools] = [part("chat"), part("tools")];

  provideDictionary("en", en!.sentences);
  const names = ["alice", "bob"];
  const english = [
    tools.value.others({ count: 1 }),
    tools.value.others({ count: 12 }),
    chat.value.typing({ count: 2, names }),
  ];
  provideDictionary("zh", DICTIONARIES.zh!.sentences);
  const chinese = [tools.value.others({ count: 1 }), chat.value.typing({ count: 2, names })];

  assertEquals(english, ["1 other", "12 others", "alice and bob are typing"]);
  assertEquals(chinese, ["其他 1 人", "alice和bob 正在输入"]);
});

Deno.test("[U301] a name that is written from right to left is isolated in a sentence", () => {
  provideDictionary("en", en!.sentences);
  const { roomEvents } = part("chat").value;

  assertEquals(roomEvents.claimed({ name: "alice" }), "alice answers here now");
  assertEquals(roomEvents.claimed({ name: "ليلى" }), "\u2068ليلى\u2069 answers here now");
});

Deno.test("[U10] a language is found by the beginning of a tag, or else by another variant", () => {
  const available = ["de", "en", "pt-BR", "zh"];

  const found = [["de-AT"], ["zh-Hant-TW"], ["pt-PT", "de"], ["nl", "EN_us"], ["nl", undefined], []]
    .map((wanted) => matchLanguage(wanted, available));

  assertEquals(found, ["de", "zh", "pt-BR", "en", undefined, undefined]);
});
