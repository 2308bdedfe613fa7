import { assertEquals } from "@std/assert";
import type { Json, Message } from "../../server/protocol/message.ts";
import { Chat } from "../support/chat.ts";
import { expectOrdinaryConversation } from "../support/conversation.ts";
import { texts } from "../support/hub.ts";

// Input that looks dangerous or invalid, but must be accepted.

/** JSON that looks special to JavaScript, JSON parsers or SQL, but is ordinary data. */
const UNUSUAL_DATA = [
  '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}',
  '{"toString":"not a function","length":-1,"then":"not a promise","toJSON":"neither"}',
  '{"":"empty key","\\u0000":"\\u0000"}',
  '["\\ud800","\\udfff","\\u2028\\u2029\\ufeff","</script><!--","\'); DROP TABLE messages; --"]',
  "[1e308,-5e-324,9007199254740992,0.1]",
  "[".repeat(100) + "]".repeat(100),
];

for (const json of UNUSUAL_DATA) {
  Deno.test(`[Q14] the data ${json.slice(0, 40)} is returned unchanged`, async () => {
    await using chat = await Chat.open();
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await bob.poll();

    const sent = await alice.post("/api/messages", `{"channel":"room:tea","data":${json}}`);

    const expected = JSON.stringify(JSON.parse(json) as Json);
    const { data }: Message = await sent.json();
    const { messages } = await bob.poll({ cursor, channels: ["room:tea"] });
    assertEquals([data, messages[0]?.data].map((one) => JSON.stringify(one)), [expected, expected]);
    assertEquals("isAdmin" in {}, false);
    await expectOrdinaryConversation(chat);
  });
}

Deno.test("[N5] the names of JavaScript members are valid tabs and keys", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  for (const key of ["__proto__", "constructor", "hasOwnProperty", "'--", "%00"]) {
    const message = { channel: "room:tea", text: "hello", key };
    assertEquals((await alice.poll({ tab: key })).outcome, "timedout");
    assertEquals((await alice.send(message)).status, 201);
    assertEquals((await alice.send(message)).status, 200);
  }
});

Deno.test("[N5] a room that is named 256 times is read once", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll();
  await alice.say("room:tea", "hello");

  const reply = await bob.poll({ cursor, channels: Array(256).fill("room:tea") });

  assertEquals(texts(reply), ["hello"]);
});

Deno.test("[N5] an invalid cursor is answered with a gap", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "hello");

  for (const cursor of ["", "nonsense", "\ud800", "x".repeat(60_000)]) {
    const reply = await alice.poll({ cursor, channels: ["room:tea"] });
    assertEquals([reply.gap, texts(reply)], [true, ["hello"]]);
  }
});

Deno.test("[N2] JSON types with parameters and suffixes are accepted", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const types = [
    ...["application/json", "APPLICATION/JSON", "application/json; charset=utf-8"],
    ...["application/json;charset=utf-8", "application/vnd.halley+json"],
  ];

  for (const type of types) {
    const { status } = await alice.post("/api/poll", "{}", { "content-type": type });
    assertEquals([type, status], [type, 200]);
  }
});

Deno.test("[N2] a body of 64 KiB is accepted, with and without its length", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const body = `{"channel":"room:tea","data":"${"x".repeat(65_536 - 32)}"}`;

  const withLength = await alice.post("/api/messages", body, { "content-length": "65536" });
  const withoutLength = await alice.post("/api/messages", body);

  assertEquals([withLength.status, withoutLength.status], [201, 201]);
});
