import { assert, assertEquals, assertThrows } from "@std/assert";
import { checkUserId } from "../../../server/core/conversations/publishing.ts";
import { ChannelPatterns } from "../../../server/core/model/rights.ts";
import { checkBody, displayNameOf } from "../../../server/core/model/content.ts";
import { parseChannel } from "../../../server/protocol/channel.ts";
import type { Body, Json } from "../../../server/protocol/message.ts";
import { Refused } from "../../../server/core/model/refused.ts";

function refusalOf(body: Body): string {
  return assertThrows(() => checkBody(body), Refused).refusal;
}

Deno.test("[A5] a message has either a text or data", () => {
  checkBody({ text: "hello" });
  checkBody({ data: null });

  assertEquals(refusalOf({}), "invalid_request");
  assertEquals(refusalOf({ text: "hello", data: 1 }), "invalid_request");
});

Deno.test("[A5] a text has 1 byte to 8 KiB", () => {
  checkBody({ text: "a".repeat(8192) });
  checkBody({ text: "茶".repeat(2730) });

  assertEquals(refusalOf({ text: "" }), "invalid_request");
  assertEquals(refusalOf({ text: "a".repeat(8193) }), "text_too_long");
  assertEquals(refusalOf({ text: "茶".repeat(2731) }), "text_too_long");
});

Deno.test("[A5] a title has 1 to 256 bytes", () => {
  checkBody({ title: "a".repeat(256), text: "hello" });

  assertEquals(refusalOf({ title: "", text: "hello" }), "invalid_request");
  assertEquals(refusalOf({ title: "a".repeat(257), text: "hello" }), "text_too_long");
});

Deno.test("[A5] text that is no valid Unicode is refused", () => {
  checkBody({ text: "\ud83d\ude00" });

  assertEquals(refusalOf({ text: "\ud83d" }), "invalid_request");
});

Deno.test("[A5] data may be nested 100 deep", () => {
  checkBody({ data: nested(100) });

  assertEquals(refusalOf({ data: nested(101) }), "invalid_request");
});

Deno.test("[A6] a display name is composed and has no blanks around it", () => {
  assertEquals(displayNameOf("  alice "), "alice");
  assertEquals(displayNameOf("Rene\u0301"), "Ren\u00e9");
  assertEquals(displayNameOf("李雷"), "李雷");
});

Deno.test("[A6] a display name has 1 to 64 characters on one line", () => {
  assertEquals(displayNameOf("😀".repeat(64)), "😀".repeat(64));

  for (
    const name of [
      "",
      "   ",
      "a".repeat(65),
      "a\nb",
      "a\u0000b",
      "a\u2028b",
      "\ud800",
      "\u200b",
      "\u202ebob",
    ]
  ) {
    assertThrows(() => displayNameOf(name), Refused);
  }
});

function nested(depth: number): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

Deno.test("[Y17] what is too long is refused before it is normalized", () => {
  const long = `a${"\u0301".repeat(15_000)}${"\u0323".repeat(15_000)}`;
  const start = performance.now();

  assertThrows(() => displayNameOf(long), Refused);
  assertEquals(parseChannel(`room:${long}`), undefined);
  assertEquals(ChannelPatterns.parse([`room:${long}*`]), undefined);
  assertThrows(() => checkUserId(long), Refused);

  assert(performance.now() - start < 200);
});

Deno.test("[Y17] a decomposed spelling may be longer than the name", () => {
  assertEquals(displayNameOf("\u1109\u1161\u11bc".repeat(64)), "\uc0c1".repeat(64));
  assertEquals(parseChannel(`room:${"u\u0308\u0301".repeat(64)}`)?.kind, "room");
});
