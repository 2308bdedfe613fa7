import { assertEquals } from "@std/assert";
import { parseLegacyRequest } from "../../../server/http/legacy/legacy_codec.ts";

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
  Deno.test(`[G1] the form "${form}" wants ${expected?.kind ?? "nothing"}`, () => {
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
