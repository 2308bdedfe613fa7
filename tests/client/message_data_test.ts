import { assert, assertEquals } from "@std/assert";
import { ownTitle } from "../../client/ui/state/address.ts";
import { textOf } from "../../client/ui/state/contact.ts";
import { formatData } from "../../client/ui/views/message_data.tsx";
import type { Json, Message } from "../../server/protocol/message.ts";

Deno.test("[U61] data in nested arrays is not drawn as many times its size", () => {
  let data: Json = Array.from({ length: 32_000 }, () => 0);
  for (let depth = 0; depth < 98; depth++) data = [data];

  assert(formatData(data).length < 65_000);
  assertEquals(formatData({ a: 1 }), '{\n  "a": 1\n}');
});

Deno.test("[U103] the data of a form says what its text says, and other data is JSON", () => {
  const form = { name: "mia", address: "mia@example.com", text: "Which one?" };
  const messages: [Pick<Message, "text" | "data">, string][] = [
    [{ text: "hello" }, "hello"],
    [{ data: form }, "Which one?"],
    [{ data: { ...form, more: 1 } }, "Which one?"],
    [{ data: { ...form, text: 1 } }, '{"name":"mia","address":"mia@example.com","text":1}'],
    [{ data: ["mia"] }, '["mia"]'],
    [{ data: null }, "null"],
    [{ data: "text" }, '"text"'],
    [{}, ""],
  ];

  for (const [message, expected] of messages) assertEquals(textOf(message), expected);
});

Deno.test("[U104] the title of a visitor's own room is the words of its name before the public token", () => {
  const self = "miaMiaMiaMiaMia_";
  const titles: [string, string | undefined][] = [
    [`room:support-${self}`, "Support"],
    [`room:support-de.shop_${self}`, "Support de shop"],
    [`room:客服-${self}`, "客服"],
    [`room:${self}`, ""],
    [`room:support-${self}-2`, undefined],
    ["room:support-zoeZoeZoeZoeZoe_", undefined],
    ["room:tea", undefined],
  ];

  for (const [room, expected] of titles) assertEquals(ownTitle(room, self), expected, room);
});
