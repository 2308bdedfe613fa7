import { assert, assertEquals } from "@std/assert";
import { Chat, KEYS } from "../support/chat.ts";
import { expectOrdinaryConversation } from "../support/conversation.ts";
import { expectRefusal } from "../support/problem.ts";
import { RawServer } from "../support/raw_server.ts";
import { PROTECTED } from "../support/routes.ts";

/** What every object has, and no body should. */
const INHERITED = ["__proto__", "constructor", "toString", "hasOwnProperty"];

for (const key of INHERITED) {
  Deno.test(`[Q14] the field "${key}" is known to no route`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");
    const bodies = PROTECTED.filter(({ body }) => body !== undefined);

    for (const { method, path, body } of bodies) {
      const json = JSON.stringify(body).replace(
        /}$/,
        `${path === "/api/poll" ? "" : ","}"${key}":{"isAdmin":true}}`,
      );
      const sending = chat.app.request(path, {
        method,
        headers: {
          authorization: `Bearer ${alice.privateToken}`,
          "content-type": "application/json",
        },
        body: json,
      });
      await expectRefusal(sending, 422, "invalid_request");
    }
    const publishing = chat.app.request("/api/publish", {
      method: "POST",
      headers: { authorization: `Bearer ${KEYS.publish}`, "content-type": "application/json" },
      body: `{"to":"room:tea","text":"hello","${key}":1}`,
    });
    await expectRefusal(publishing, 422, "invalid_request");
    assert(!("isAdmin" in {}));
  });
}

Deno.test("[Q14] data with any key comes back as it went in, and changes nothing else", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll({ channels: ["room:tea"] });
  const data = '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}';

  const sent = await alice.post("/api/messages", `{"channel":"room:tea","data":${data}}`);
  const polled = await alice.request("POST", "/api/poll", { cursor, channels: ["room:tea"] });

  assertEquals(sent.status, 201);
  assert((await polled.text()).includes(`"data":${data}`));
  assert(!("isAdmin" in {}));
  await expectOrdinaryConversation(chat);
});

for (
  const path of [
    "/api/channels/room:tea%0d%0ax-injected:%201/messages",
    "/api/conversations/room:tea%0d%0ax-injected:%201",
    "/nowhere%0d%0ax-injected:%201",
    "/api/sessions/%0d%0ax-injected:%201",
    "/ChatHandler.ashx?lastMessageId=1000&privateToken=%0d%0ax-injected:%201",
  ]
) {
  Deno.test(`[Q14] no line of a header comes out of the path ${path}`, async () => {
    await using chat = await Chat.open();
    await using server = RawServer.open((request) => chat.app.fetch(request));

    const { status, text } = await server.send([`GET ${path} HTTP/1.1`, "host: halley.test"]);

    assert(status >= 400 && status < 500);
    assert(!text.toLowerCase().includes("\nx-injected"));
    assertEquals(chat.internalErrors, []);
  });
}

for (
  const origin of ["https://shop.example%0d%0ax-injected: 1", "null", "https://shop.example.evil"]
) {
  Deno.test(`[Q14] the origin ${origin} is not repeated in a header`, async () => {
    await using chat = await Chat.open({ allowedOrigins: ["https://shop.example"] });

    const { headers } = await chat.app.request("/api/session", { headers: { origin } });

    assertEquals([...headers].filter(([, value]) => value.includes(origin)), []);
  });
}

Deno.test("[Q14] a title with a line break does not pass a header", async () => {
  await using chat = await Chat.open();
  await using server = RawServer.open((request) => chat.app.fetch(request));
  const head = [
    "POST /api/channels/room:tea/messages HTTP/1.1",
    "host: halley.test",
    `authorization: Bearer ${KEYS.publish}`,
    "content-length: 5",
  ];

  const { status } = await server.send([...head, "x-title: one\rtwo"], "hello");

  assertEquals(status, 400);
  await expectOrdinaryConversation(chat);
});
