import { assertEquals } from "@std/assert";
import type { Json, Message } from "../../server/protocol/message.ts";
import { Chat, type TestUser } from "../support/chat.ts";
import { expectHarmless, expectOrdinaryConversation } from "../support/conversation.ts";

const INVALID = { status: 422, code: "invalid_request" } as const;
const TOO_LONG = { status: 413, code: "text_too_long" } as const;

Deno.test("[N5] a text of 8 KiB is the longest: ASCII, or characters of three bytes", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  // 2,730 × 3 bytes and two more are 8,192.
  for (const text of ["x".repeat(8_192), "茶".repeat(2_730) + "xx", "☄️".repeat(1_365) + "xx"]) {
    assertEquals(new TextEncoder().encode(text).length, 8_192);
    assertEquals((await alice.say("room:tea", text)).status, 201);
  }
});

const TOO_LONG_TEXTS = {
  "9 KiB": "x".repeat(9_216),
  "8,193 bytes of ASCII": "x".repeat(8_193),
  "2,731 characters of three bytes": "茶".repeat(2_731),
  "2,049 characters of four bytes": "💫".repeat(2_049),
};

for (const [what, text] of Object.entries(TOO_LONG_TEXTS)) {
  Deno.test(`[N5] a text of ${what} is refused`, async () => {
    await expectHarmless((alice) => alice.say("room:tea", text), TOO_LONG);
  });
}

for (const text of ["", "\ud800", "\udfff tea", "tea \ud83d", "\udf1f\ud83c"]) {
  Deno.test(`[N5] the text ${JSON.stringify(text)} is refused`, async () => {
    await expectHarmless((alice) => alice.say("room:tea", text), INVALID);
  });
}

/** Data that come back unchanged, whatever they look like to JavaScript, JSON or SQL. */
const PECULIAR = [
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"toString":"not a function","length":-1,"then":"not a promise"}',
  '{"toJSON":"not a function either"}',
  '{"":"empty key","\\u0000":"\\u0000"}',
  '["\\ud800","\\udfff"]',
  '"\\u2028\\u2029\\ufeff"',
  '"</script><!--"',
  '"\'); DROP TABLE messages; --"',
  "[1e308,-5e-324,9007199254740993,0.1]",
];

for (const json of PECULIAR) {
  Deno.test(`[N5] the data ${json} come back unchanged`, async () => {
    await using chat = await Chat.open();
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await bob.poll();

    const sent = await alice.post("/api/messages", `{"channel":"room:tea","data":${json}}`);

    const expected = JSON.stringify(JSON.parse(json) as Json);
    const { messages } = await bob.poll({ cursor, channels: ["room:tea"] });
    assertEquals(JSON.stringify((await sent.json() as Message).data), expected);
    assertEquals(messages.map(({ data }) => JSON.stringify(data)), [expected]);
    assertEquals((await historyOf(bob)).map(({ data }) => JSON.stringify(data)), [expected]);
    assertEquals(Object.hasOwn(Object.prototype, "isAdmin"), false);
    await expectOrdinaryConversation(chat);
  });
}

async function historyOf(user: TestUser): Promise<readonly Message[]> {
  const response = await user.request("GET", "/api/channels/room:tea/messages");
  return (await response.json()).messages;
}

for (const depth of [101, 30_000]) {
  Deno.test(`[N5] data nested ${depth} deep are refused`, async () => {
    const data = "[".repeat(depth) + "]".repeat(depth);

    await expectHarmless(
      (alice) => alice.post("/api/messages", `{"channel":"room:tea","data":${data}}`),
      INVALID,
    );
  });
}

Deno.test("[N5] data nested 100 deep are taken", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const data = "[".repeat(100) + "]".repeat(100);

  const sent = await alice.post("/api/messages", `{"channel":"room:tea","data":${data}}`);

  assertEquals(sent.status, 201);
});

Deno.test("[N5] a field nested 30,000 deep where a text is expected is refused", async () => {
  const body = `{"channel":"room:tea","text":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;

  await expectHarmless((alice) => alice.post("/api/messages", body), INVALID);
});

const NO_WORDS = ["", " ", "a b", "a\nb", "x".repeat(65), "t\u00e9", "\u0000", "茶"];

for (const word of NO_WORDS) {
  const shown = JSON.stringify(word.slice(0, 8));
  Deno.test(`[N5] ${shown} (${word.length}) is neither a tab nor a key`, async () => {
    await expectHarmless((alice) => alice.request("POST", "/api/poll", { tab: word }), INVALID);
    await expectHarmless(
      (alice) => alice.send({ channel: "room:tea", text: "hello", key: word }),
      INVALID,
    );
  });
}

for (const key of ["__proto__", "constructor", "hasOwnProperty", "'--", "%00"]) {
  Deno.test(`[N5] "${key}" is a tab and a key like any other`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");
    const message = { channel: "room:tea", text: "hello", key };

    assertEquals((await alice.poll({ tab: key })).outcome, "timedout");
    assertEquals((await alice.send(message)).status, 201);
    assertEquals((await alice.send(message)).status, 200);
    await expectOrdinaryConversation(chat);
  });
}
