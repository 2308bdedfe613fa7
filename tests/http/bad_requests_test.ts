import { assertEquals } from "@std/assert";
import { Chat, type TestUser } from "../support/chat.ts";
import { expectOrdinaryConversation } from "../support/conversation.ts";
import { RawServer } from "../support/raw_server.ts";

// What `Request` would tidy up goes through a socket here.

function openServer(chat: Chat): RawServer {
  return RawServer.open((request) => chat.app.fetch(request));
}

/** The head of alice's send; the lines that tell its length are still to come. */
function sending({ privateToken }: TestUser, ...lines: readonly string[]): readonly string[] {
  return [
    "POST /api/messages HTTP/1.1",
    "host: halley.test",
    "content-type: application/json",
    `authorization: Bearer ${privateToken}`,
    ...lines,
  ];
}

const MEBIBYTE = `{"channel":"room:tea","data":"${"x".repeat(1_048_576)}"}`;
const HELLO = '{"channel":"room:tea","text":"hello"}';

/** One chunk, and the end. */
function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

for (
  const [how, lines, body] of [
    ["whose length is told", [`content-length: ${MEBIBYTE.length}`], MEBIBYTE],
    ["in chunks", ["transfer-encoding: chunked"], chunked(MEBIBYTE)],
    [
      "whose length is told twice",
      [`content-length: ${MEBIBYTE.length}`, `content-length: ${MEBIBYTE.length}`],
      MEBIBYTE,
    ],
  ] as const
) {
  Deno.test(`[N2] a body of 1 MiB ${how} is refused with 413`, async () => {
    await using chat = await Chat.open();
    await using server = openServer(chat);
    const alice = await chat.signIn("alice");

    const { status } = await server.send(sending(alice, ...lines), body);

    assertEquals(status, 413);
    await expectOrdinaryConversation(chat);
  });
}

for (
  const [how, lines, body] of [
    ["whose length is told", [`content-length: ${HELLO.length}`], HELLO],
    ["in chunks", ["transfer-encoding: chunked"], chunked(HELLO)],
  ] as const
) {
  Deno.test(`[N1] a message ${how} is taken`, async () => {
    await using chat = await Chat.open();
    await using server = openServer(chat);
    const alice = await chat.signIn("alice");

    assertEquals((await server.send(sending(alice, ...lines), body)).status, 201);
  });
}

for (
  const [what, lines, body] of [
    ["whose length is no number", ["content-length: many"], HELLO],
    ["of a length below nothing", ["content-length: -1"], HELLO],
    ["of two lengths", ["content-length: 5", "content-length: 6"], HELLO],
    [
      "both in chunks and of a length",
      ["content-length: 5", "transfer-encoding: chunked"],
      chunked(HELLO),
    ],
    ["shorter than it says", ["content-length: 5"], HELLO],
  ] as const
) {
  Deno.test(`[N5] a body ${what} is refused with 400, and nothing is appended`, async () => {
    await using chat = await Chat.open();
    await using server = openServer(chat);
    const alice = await chat.signIn("alice");
    const { cursor } = await alice.poll();

    const { status } = await server.send(sending(alice, ...lines), body);

    assertEquals([status, (await alice.poll()).cursor], [400, cursor]);
    await expectOrdinaryConversation(chat);
  });
}

Deno.test("[N5] of a body that breaks off nothing is appended", async () => {
  await using chat = await Chat.open();
  await using server = openServer(chat);
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const lines = sending(alice, "transfer-encoding: chunked");

  await server.send(lines, `${HELLO.length.toString(16)}\r\n${HELLO}\r\nmany\r\n`);

  assertEquals((await alice.poll()).cursor, cursor);
  await expectOrdinaryConversation(chat);
});

for (
  const host of ["a b", "%", "[::1", "a:b:c", "halley.test:99999", "\u0007", "", "halley/../x"]
) {
  Deno.test(`[N5] the host ${JSON.stringify(host)} is no defect, wherever the request goes`, async () => {
    await using chat = await Chat.open();
    await using server = openServer(chat);
    const paths = [
      "/",
      "/live",
      "/nothing",
      "/api/poll",
      "/api/channels/room:tea/messages?limit=1",
      "/ChatHandler.ashx?lastMessageId=1000&privateToken=x",
    ];

    for (const path of paths) {
      const { status } = await server.send([`GET ${path} HTTP/1.1`, `host: ${host}`]);
      assertEquals([path, status < 500], [path, true]);
    }
    await expectOrdinaryConversation(chat);
  });
}

Deno.test("[N5] a target that is a whole address is no defect", async () => {
  await using chat = await Chat.open();
  await using server = openServer(chat);

  for (const origin of ["http://a%20b", "http://%", "http://[::1", "ftp://x", "http://"]) {
    const target = `${origin}/ChatHandler.ashx?lastMessageId=1000&privateToken=x`;
    const { status } = await server.send([`GET ${target} HTTP/1.1`, "host: halley.test"]);
    assertEquals([origin, status < 500], [origin, true]);
  }
  await expectOrdinaryConversation(chat);
});

Deno.test("[R5] two private tokens in one request are none", async () => {
  await using chat = await Chat.open();
  await using server = openServer(chat);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

  const { status } = await server.send([
    "GET /api/session HTTP/1.1",
    "host: halley.test",
    `authorization: Bearer ${alice.privateToken}`,
    `authorization: Bearer ${bob.privateToken}`,
  ]);

  assertEquals(status, 401);
});
