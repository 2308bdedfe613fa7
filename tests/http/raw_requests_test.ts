import { assertEquals } from "@std/assert";
import { Chat, KEYS } from "../support/chat.ts";
import { expectOrdinaryConversation } from "../support/conversation.ts";
import { RawServer } from "../support/raw_server.ts";

// These requests go through a socket byte by byte, since `Request` would normalize or reject them.

/** A message with one of these framings: the title, the headers, the body, and the status of the response. */
type RawMessage = readonly [
  title: string,
  headers: readonly string[],
  body: string,
  status: number,
];

const HELLO = '{"channel":"room:tea","text":"hello"}';
const MEBIBYTE = `{"channel":"room:tea","data":"${"x".repeat(1_048_576)}"}`;
const CHUNKED = "transfer-encoding: chunked";
const lengthOf = (body: string) => `content-length: ${body.length}`;

/** A body as one chunk, and the end. */
function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

const MESSAGES: readonly RawMessage[] = [
  ["[N1] a message with its length", [lengthOf(HELLO)], HELLO, 201],
  ["[N1] a message in chunks", [CHUNKED], chunked(HELLO), 201],
  ["[N2] a body of 1 MiB with its length", [lengthOf(MEBIBYTE)], MEBIBYTE, 413],
  ["[N2] a body of 1 MiB in chunks", [CHUNKED], chunked(MEBIBYTE), 413],
  [
    "[N2] a body of 1 MiB with its length twice",
    [lengthOf(MEBIBYTE), lengthOf(MEBIBYTE)],
    MEBIBYTE,
    413,
  ],
  ["[N5] a length that is not a number", ["content-length: many"], HELLO, 400],
  ["[N5] a negative length", ["content-length: -1"], HELLO, 400],
  ["[N5] two different lengths", ["content-length: 5", "content-length: 6"], HELLO, 400],
  ["[N5] a length together with chunks", ["content-length: 5", CHUNKED], chunked(HELLO), 400],
  ["[N5] a length that is too short", ["content-length: 5"], HELLO, 400],
];

for (const [title, headers, body, expected] of MESSAGES) {
  Deno.test(`${title} is answered ${expected}`, async () => {
    await using chat = await Chat.open();
    await using server = RawServer.open((request) => chat.app.fetch(request));
    const alice = await chat.signIn("alice");

    const { status } = await server.send(
      [
        "POST /api/messages HTTP/1.1",
        "host: halley.test",
        "content-type: application/json",
        `authorization: Bearer ${alice.privateToken}`,
        ...headers,
      ],
      body,
    );

    assertEquals(status, expected);
    assertEquals(await chat.test.store.log.newestId(), expected === 201 ? 1 : 0);
    await expectOrdinaryConversation(chat);
  });
}

Deno.test("[N5] an incomplete body appends nothing", async () => {
  await using chat = await Chat.open();
  await using server = RawServer.open((request) => chat.app.fetch(request));
  const alice = await chat.signIn("alice");

  await server.send(
    [
      "POST /api/messages HTTP/1.1",
      "host: halley.test",
      "content-type: application/json",
      `authorization: Bearer ${alice.privateToken}`,
      CHUNKED,
    ],
    `${HELLO.length.toString(16)}\r\n${HELLO}\r\nmany\r\n`,
  );

  assertEquals(await chat.test.store.log.newestId(), 0);
  await expectOrdinaryConversation(chat);
});

const TARGETS = [
  "/",
  "/live",
  "/nothing",
  "/api/poll",
  "/api/channels/room:tea/messages?limit=1",
  "/ChatHandler.ashx?lastMessageId=1000&privateToken=x",
];

const INVALID_HOSTS = ["a b", "%", "[::1", "a:b:c", "halley.test:99999", "\u0007", "", "a/../x"];

for (const host of INVALID_HOSTS) {
  Deno.test(`[N5] the host ${JSON.stringify(host)} causes no internal error`, async () => {
    await using chat = await Chat.open();
    await using server = RawServer.open((request) => chat.app.fetch(request));

    for (const target of TARGETS) {
      const { status } = await server.send([`GET ${target} HTTP/1.1`, `host: ${host}`]);
      assertEquals([target, status < 500], [target, true]);
    }
    await expectOrdinaryConversation(chat);
  });
}

Deno.test("[N5] a target with an invalid origin causes no internal error", async () => {
  await using chat = await Chat.open();
  await using server = RawServer.open((request) => chat.app.fetch(request));

  for (const origin of ["http://a%20b", "http://%", "http://[::1", "ftp://x", "http://"]) {
    const target = `${origin}/ChatHandler.ashx?lastMessageId=1000&privateToken=x`;
    const { status } = await server.send([`GET ${target} HTTP/1.1`, "host: halley.test"]);
    assertEquals([origin, status < 500], [origin, true]);
  }
  await expectOrdinaryConversation(chat);
});

const INJECTIONS = [
  "/api/channels/room:tea%0d%0ax-injected:%201/messages",
  "/api/conversations/room:tea%0d%0ax-injected:%201",
  "/nowhere%0d%0ax-injected:%201",
  "/api/sessions/%0d%0ax-injected:%201",
  "/ChatHandler.ashx?lastMessageId=1000&privateToken=%0d%0ax-injected:%201",
];

for (const path of INJECTIONS) {
  Deno.test(`[Q14] the path ${path} adds no header to the response`, async () => {
    await using chat = await Chat.open();
    await using server = RawServer.open((request) => chat.app.fetch(request));

    const { status, text } = await server.send([`GET ${path} HTTP/1.1`, "host: halley.test"]);

    assertEquals(status >= 400 && status < 500, true);
    assertEquals(text.toLowerCase().includes("\nx-injected"), false);
    assertEquals(chat.internalErrors, []);
  });
}

Deno.test("[Q14] a title with a line break is refused with 400", async () => {
  await using chat = await Chat.open();
  await using server = RawServer.open((request) => chat.app.fetch(request));

  const { status } = await server.send([
    "POST /api/channels/room:tea/messages HTTP/1.1",
    "host: halley.test",
    `authorization: Bearer ${KEYS.publish}`,
    "content-length: 5",
    "x-title: one\rtwo",
  ], "hello");

  assertEquals(status, 400);
  await expectOrdinaryConversation(chat);
});

Deno.test("[R5] a request with two private tokens is refused with 401", async () => {
  await using chat = await Chat.open();
  await using server = RawServer.open((request) => chat.app.fetch(request));
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

  const { status } = await server.send([
    "GET /api/session HTTP/1.1",
    "host: halley.test",
    `authorization: Bearer ${alice.privateToken}`,
    `authorization: Bearer ${bob.privateToken}`,
  ]);

  assertEquals(status, 401);
});
