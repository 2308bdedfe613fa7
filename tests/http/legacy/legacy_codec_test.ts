import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Message } from "../../../server/protocol/message.ts";
import {
  formatLegacyMessage,
  formatLegacyOutcome,
} from "../../../server/http/legacy/legacy_codec.ts";
import { anyUtf16 } from "../../support/arbitrary.ts";
import { readAsOldClient } from "../../support/old_client.ts";

const ALICE = { publicToken: "AAAAAAAAAAAAAAAA", displayName: "alice" };
const HELLO: Message = { id: 42, channel: "room:lobby", from: ALICE, text: "hello", at: 0 };

Deno.test("[G2] a message is written as pairs", () => {
  assertEquals(
    formatLegacyMessage(HELLO),
    "Name:message;MessageId:1000000042;From:alice;Message:hello;" +
      "FromToken:AAAAAAAAAAAAAAAA;Channel:room\\u003alobby;",
  );
});

Deno.test("[G2] a notice comes from the system, and has its title under title", () => {
  const notice = { id: 7, channel: "notice", title: "Tonight", text: "We restart at 22:00", at: 0 };

  assertEquals(
    formatLegacyMessage(notice),
    "Name:message;MessageId:1000000007;From:System;Message:We restart at 22\\u003a00;" +
      "FromToken:;Channel:notice;title:Tonight;",
  );
});

Deno.test("[G2] data go out as their JSON text", () => {
  const { text: _text, ...rest } = HELLO;

  assertEquals(
    formatLegacyMessage({ ...rest, data: { move: ["e2", "e4"] } }),
    "Name:message;MessageId:1000000042;From:alice;" +
      'Message:{"move"\\u003a["e2","e4"]};' +
      "FromToken:AAAAAAAAAAAAAAAA;Channel:room\\u003alobby;",
  );
});

Deno.test("[G2] that there was nothing, and that the page must stop, are written as pairs", () => {
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

/** Texts that would do harm to an old page if the server let them. */
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
  Deno.test(`[G3] ${JSON.stringify(attack)} reaches an old page as mere text`, () => {
    const from = { ...ALICE, displayName: attack };

    const read = readAsOldClient(
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

/** A string in which what the old client trips over is frequent. */
const anyValue = fc.oneof(
  anyUtf16,
  fc.string({
    unit: fc.constantFrom(..."'\";:\\%<>&\r\n\t\u0000\u2028\u2029\ufeffu0+=(){}$`彗", "☄️", "💫"),
  }),
  fc.constantFrom(...ATTACKS),
);

Deno.test("[G3] every value survives the old client's splitting and evaluating", () => {
  fc.assert(
    fc.property(anyValue, anyValue, anyValue, (displayName, title, text) => {
      const written = formatLegacyMessage({
        ...HELLO,
        from: { ...ALICE, displayName },
        title,
        text,
      });
      const { From, title: readTitle, Message } = readAsOldClient(written);
      assertEquals([From, readTitle, Message], [displayName, title, text]);
      assertEquals("hacked" in globalThis, false);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("[G3] all data survive the old client's splitting and evaluating", () => {
  const { text: _text, ...rest } = HELLO;

  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const data = JSON.parse(JSON.stringify(value));
      const read = readAsOldClient(formatLegacyMessage({ ...rest, data }));
      assertEquals(JSON.parse(read["Message"] ?? ""), data);
    }),
    { numRuns: 200 },
  );
});

Deno.test("[G4] a MessageId is of ten digits, and rises as a number and as a string", () => {
  const ids = [1, 2, 9, 10, 99, 1_000, 123_456_789, 8_999_999_999].map((id) =>
    readAsOldClient(formatLegacyMessage({ ...HELLO, id }))["MessageId"] ?? ""
  );

  assertEquals(ids[0], "1000000001");
  assertEquals(ids.every((id) => /^[0-9]{10}$/.test(id)), true);
  assertEquals(ids.toSorted(), ids);
});
