import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Message } from "../../../server/protocol/message.ts";
import {
  formatLegacyMessage,
  formatLegacyOutcome,
  parseLegacyRequest,
} from "../../../server/http/legacy/legacy_codec.ts";
import { anyUtf16 } from "../../support/arbitrary.ts";
import { parseLegacyReply } from "../../support/legacy.ts";

const ALICE = { publicToken: "AAAAAAAAAAAAAAAA", displayName: "alice" };
const HELLO: Message = { id: 42, channel: "room:lobby", from: ALICE, text: "hello", at: 0 };

function parse(form: string): unknown {
  return parseLegacyRequest(new Map(new URLSearchParams(form)));
}

for (
  const [form, expected] of [
    ["privateToken=p&lastMessageId=1000", { kind: "poll", privateToken: "p", lastId: 0 }],
    [
      "privateToken=p&lastMessageId=1000000042",
      { kind: "poll", privateToken: "p", lastId: 42 },
    ],
    ["lastMessageId=1000&message=hello", { kind: "poll", privateToken: "", lastId: 0 }],
    [
      "privateToken=p&sendto=b&message=hello",
      { kind: "send", privateToken: "p", sendTo: "b", text: "hello" },
    ],
    [
      "action=send&lastMessageId=1000&privateToken=p&sendto=all&message=a%2Bb+%25",
      { kind: "send", privateToken: "p", sendTo: undefined, text: "a+b %" },
    ],
    ["privateToken=p&message=", { kind: "send", privateToken: "p", sendTo: undefined, text: "" }],
    ["action=send&lastMessageId=1000", undefined],
    ["privateToken=p", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`[G1] the form "${form}" is ${expected === undefined ? "invalid" : `a ${expected.kind}`}`, () => {
    assertEquals(parse(form), expected);
  });
}

for (
  const word of [
    "",
    "0",
    "-1",
    "1000",
    "999999999",
    "0999999999",
    "1e9",
    "NaN",
    "１０００００００４２",
  ]
) {
  Deno.test(`[G5] lastMessageId "${word}" acknowledges nothing`, () => {
    assertEquals(parse(`lastMessageId=${word}`), {
      kind: "poll",
      privateToken: "",
      lastId: 0,
    });
  });
}

Deno.test("[G2] a message is written as pairs", () => {
  assertEquals(
    formatLegacyMessage(HELLO),
    "Name:message;MessageId:1000000042;From:alice;Message:hello;" +
      "FromToken:AAAAAAAAAAAAAAAA;Channel:room\\u003alobby;",
  );
});

Deno.test("[G2] a notice is from System and has a title", () => {
  const notice = { id: 7, channel: "notice", title: "Tonight", text: "We restart at 22:00", at: 0 };

  assertEquals(
    formatLegacyMessage(notice),
    "Name:message;MessageId:1000000007;From:System;Message:We restart at 22\\u003a00;" +
      "FromToken:;Channel:notice;title:Tonight;",
  );
});

Deno.test("[G2] data is written as JSON", () => {
  const { text: _text, ...rest } = HELLO;

  assertEquals(
    formatLegacyMessage({ ...rest, data: { move: ["e2", "e4"] } }),
    "Name:message;MessageId:1000000042;From:alice;" +
      'Message:{"move"\\u003a["e2","e4"]};' +
      "FromToken:AAAAAAAAAAAAAAAA;Channel:room\\u003alobby;",
  );
});

Deno.test("[G2] the other outcomes are written as pairs", () => {
  assertEquals(formatLegacyOutcome("timedout"), "Name:timedout;MessageId:0;");
  assertEquals(formatLegacyOutcome("cancelled"), "Name:cancelled;MessageId:0;");
});

for (
  const [text, written] of [
    ["a:b;c", "a\\u003ab\\u003bc"],
    ["it's", "it\\u0027s"],
    ["C:\\new", "C\\u003a\\u005cnew"],
    ["\\u0027", "\\u005cu0027"],
    ["one\r\ntwo\ttab", "one\\u000d\\u000atwo\\u0009tab"],
    ["\u0000\u001f\u007f\u0085\u009f", "\\u0000\\u001f\\u007f\\u0085\\u009f"],
    ["\u2028\u2029\ufeff", "\\u2028\\u2029\\ufeff"],
    ['"%<>&=+ ', '"%<>&=+ '],
    ["彗星 ☄️ 💫", "彗星 ☄️ 💫"],
  ] as const
) {
  Deno.test(`[G3] ${JSON.stringify(text)} is written as ${written}`, () => {
    const pairs = formatLegacyMessage({ ...HELLO, text }).split(";");

    assertEquals(pairs[3], `Message:${written}`);
  });
}

/** Texts that would run as code in a legacy page if they were not escaped. */
const ATTACKS = [
  "');globalThis.hacked=1;('",
  "'+(globalThis.hacked=1)+'",
  "\\');globalThis.hacked=1;//",
  "\\u0027);globalThis.hacked=1;//",
  "\n';globalThis.hacked=1;'",
  "\u2028';globalThis.hacked=1;'",
  "${globalThis.hacked=1}",
  "</script><script>globalThis.hacked=1</script>",
  ";MessageId:9999999999;Name:cancelled;",
];

for (const attack of ATTACKS) {
  Deno.test(`[G3] ${JSON.stringify(attack)} is only text to a legacy page`, () => {
    const from = { ...ALICE, displayName: attack };

    const read = parseLegacyReply(
      formatLegacyMessage({ ...HELLO, from, title: attack, text: attack }),
    );

    assertEquals(read, {
      Name: "message",
      MessageId: "1000000042",
      From: attack,
      Message: attack,
      FromToken: "AAAAAAAAAAAAAAAA",
      Channel: "room:lobby",
      title: attack,
    });
    assertEquals("hacked" in globalThis, false);
  });
}

/** Strings with many characters that have a meaning to legacy pages. */
const anyValue = fc.oneof(
  anyUtf16,
  fc.string({
    unit: fc.constantFrom(..."'\";:\\%<>&\r\n\t\u0000\u2028\u2029\ufeffu0+=(){}$`彗", "☄️", "💫"),
  }),
  fc.constantFrom(...ATTACKS),
);

Deno.test("[G3] a legacy page reads every value unchanged", () => {
  fc.assert(
    fc.property(anyValue, anyValue, anyValue, (displayName, title, text) => {
      const written = formatLegacyMessage({
        ...HELLO,
        from: { ...ALICE, displayName },
        title,
        text,
      });
      const { From, title: readTitle, Message } = parseLegacyReply(written);
      assertEquals([From, readTitle, Message], [displayName, title, text]);
      assertEquals("hacked" in globalThis, false);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("[G3] a legacy page reads all data unchanged", () => {
  const { text: _text, ...rest } = HELLO;

  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const data = JSON.parse(JSON.stringify(value));
      const read = parseLegacyReply(formatLegacyMessage({ ...rest, data }));
      assertEquals(JSON.parse(read["Message"] ?? ""), data);
    }),
    { numRuns: 200 },
  );
});

Deno.test("[G4] MessageIds have ten digits and increase as numbers and as strings", () => {
  const ids = [1, 2, 9, 10, 99, 1_000, 123_456_789, 8_999_999_999].map((id) =>
    parseLegacyReply(formatLegacyMessage({ ...HELLO, id }))["MessageId"] ?? ""
  );

  assertEquals(ids[0], "1000000001");
  assertEquals(ids.every((id) => /^[0-9]{10}$/.test(id)), true);
  assertEquals(ids.toSorted(), ids);
});
