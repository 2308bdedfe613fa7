import { assertEquals } from "@std/assert";
import { Draft } from "../../client/ui/state/draft.ts";
import { mentionsIn } from "../../client/ui/state/mentions.ts";
import type { Drafts } from "../../client/ui/storage/chat_storage.ts";
import { memoryValue } from "../../client/ui/storage/stored_value.ts";
import { beginsWith, mentionParts, TYPED_NAME } from "../../client/ui/state/mention_text.ts";

const TEXTS: readonly (readonly [text: string, name: string, isMentioned: boolean])[] = [
  ["@alice", "alice", true],
  ["look, @Alice!", "alice", true],
  ["(@alice)", "Alice", true],
  ["@alicent", "alice", false],
  ["@alicent and @alice", "alice", true],
  ["alice", "alice", false],
  ["mail@alice", "alice", false],
  ["@alice_2", "alice", false],
  ["@alice你好", "alice", true],
  ["请@小彗看一下", "小彗", true],
  ["@alice b. Goode", "Alice B.", true],
  ["@a.b", "a.b", true],
  ["@axb", "a.b", false],
];

for (const [text, name, isMentioned] of TEXTS) {
  Deno.test(`[U116] "${text}" ${isMentioned ? "names" : "does not name"} ${name}`, () => {
    assertEquals(mentionParts(text, [name]).some((part) => part.name === name), isMentioned);
  });
}

Deno.test("[U116] a text is divided at the names in it, the longest of those that fit", () => {
  const parts = mentionParts("hello @Bob Miller, @bob and @carol", ["bob", "bob miller"]);

  assertEquals(parts, [
    { text: "hello " },
    { text: "@Bob Miller", name: "bob miller" },
    { text: ", " },
    { text: "@bob", name: "bob" },
    { text: " and @carol" },
  ]);
});

Deno.test("[U115] a name is being typed after @ at the start of a word", () => {
  const typed = ["@", "hello @al", "@al and", "a@b", "请@小", "@al\nso", "no"];

  assertEquals(
    typed.map((text) => TYPED_NAME.exec(text)?.[1]),
    ["@", "@al", "@al and", undefined, "@小", undefined, undefined],
  );
});

Deno.test("[U115] names are found by the beginnings of their words, in any case and with other accents", () => {
  const found = (typed: string) =>
    ["Zoë Müller", "zoltan", "小彗", "Ana-Zora"].filter((name) => beginsWith(name, typed));

  assertEquals(found("zo"), ["Zoë Müller", "zoltan", "Ana-Zora"]);
  assertEquals(found("ZOE"), ["Zoë Müller"]);
  assertEquals(found("mu"), ["Zoë Müller"]);
  assertEquals(found("zoë m"), ["Zoë Müller"]);
  assertEquals(found("小"), ["小彗"]);
  assertEquals(found("x"), []);
});

Deno.test("[U118] an edited text mentions the people it names, and those from before whose names are not known", () => {
  const people = [
    { publicToken: "b", displayName: "bob" },
    { publicToken: "c", displayName: "carol" },
  ];
  const conversation = { draft: new Draft("room:tea", memoryValue<Drafts>()) };
  const edited = (text: string) => mentionsIn(text, conversation, people, ["b", "gone"]);

  assertEquals(edited("@carol and @dave"), ["c", "gone"]);
  assertEquals(edited("nobody"), []);
});
