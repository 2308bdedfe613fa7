import { assertEquals } from "@std/assert";
import { formatChannel, parseChannel } from "../../server/protocol/channel.ts";
import { topicsOf } from "../../server/core/model/message.ts";

const ALICE = "aliceAliceAlice_";
const BOB = "bobBobBobBobBob-";

function addressOf(address: string, self?: string): string | undefined {
  const channel = parseChannel(address, self);
  return channel && formatChannel(channel);
}

Deno.test("[A1] rooms, pairs and notices are channels", () => {
  assertEquals(addressOf("room:tea"), "room:tea");
  assertEquals(addressOf(`direct:${ALICE}:${BOB}`), `direct:${ALICE}:${BOB}`);
  assertEquals(addressOf("notice"), "notice");
  assertEquals(addressOf(`notice:${ALICE}`), `notice:${ALICE}`);
});

Deno.test("[A1] nothing else is a channel", () => {
  const others = [
    "",
    "room",
    "room:",
    "room:tea:milk",
    "Room:tea",
    " room:tea",
    ":room:tea",
    "room:*",
    "room:tea/../milk",
    "room:\ud800",
    "direct:",
    "direct:bob",
    "inbox:" + ALICE,
    "direct:" + ALICE,
    `direct:${ALICE}:short`,
    `direct:${ALICE}:${BOB}:${BOB}`,
    "notice:",
    "notice:tea",
    "constructor",
    "__proto__:x",
  ];

  assertEquals(others.map((address) => addressOf(address)), others.map(() => undefined));
});

Deno.test("[A2] a room's name is of any script, and 1 to 64 characters long", () => {
  for (const name of ["tea", "茶", "Чай", "चाय", "tea_1.2-3", "𝒯".repeat(64)]) {
    assertEquals(addressOf(`room:${name}`), `room:${name}`);
  }
  for (
    const name of ["", "a b", "tea!", "<b>", "a/b", "😀", "a".repeat(65), "a\u0000", "a\u202e"]
  ) {
    assertEquals(addressOf(`room:${name}`), undefined);
  }
});

Deno.test("[A2] composed and decomposed spellings are one room", () => {
  assertEquals(addressOf("room:cafe\u0301"), addressOf("room:caf\u00e9"));
});

Deno.test("[A3] a pair has one channel, whoever is named first", () => {
  assertEquals(addressOf(`direct:${BOB}:${ALICE}`), addressOf(`direct:${ALICE}:${BOB}`));
});

Deno.test("[A3] one of a pair may name the other alone", () => {
  assertEquals(addressOf(`direct:${BOB}`, ALICE), `direct:${ALICE}:${BOB}`);
  assertEquals(addressOf(`direct:${ALICE}`, BOB), `direct:${ALICE}:${BOB}`);
});

Deno.test("[A4] a message is filed under its channel and the inboxes that it belongs to", () => {
  assertEquals(topicsOf("room:tea"), ["room:tea"]);
  assertEquals(topicsOf("notice"), ["notice"]);
  assertEquals(topicsOf(`notice:${BOB}`), [`notice:${BOB}`, `inbox:${BOB}`]);
  assertEquals(topicsOf(`direct:${ALICE}:${BOB}`), [
    `direct:${ALICE}:${BOB}`,
    `inbox:${ALICE}`,
    `inbox:${BOB}`,
  ]);
  assertEquals(topicsOf(`direct:${BOB}:${BOB}`), [`direct:${BOB}:${BOB}`, `inbox:${BOB}`]);
});
