import { assertEquals } from "@std/assert";
import { Chat } from "../support/chat.ts";

Deno.test("[N2] a byte order mark is ignored before a message, and refused before a poll", async () => {
  await using chat = await Chat.open();
  const { privateToken } = await chat.signIn("alice");
  await using server = Deno.serve({ port: 0, onListen: () => {} }, (r) => chat.app.fetch(r));
  const headers = { "content-type": "application/json", authorization: `Bearer ${privateToken}` };
  const post = async (path: string, json: string) => {
    const body = new TextEncoder().encode(`\uFEFF${json}`);
    const url = `http://127.0.0.1:${server.addr.port}${path}`;
    const response = await fetch(url, { method: "POST", headers, body });
    await response.body?.cancel();
    return response.status;
  };

  const poll = await post("/api/poll", '{"hold":0}');
  const send = await post("/api/messages", '{"channel":"room:tea","text":"hello"}');

  assertEquals([poll, send], [400, 201]);
});

Deno.test("[A8] a number that JavaScript cannot represent is refused under an escaped name, too", async () => {
  await using chat = await Chat.open();
  const { privateToken } = await chat.signIn("alice");

  const { status } = await chat.app.request("/api/messages", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${privateToken}` },
    body: '{"channel":"room:tea","d\\u0061ta":9007199254740993}',
  });

  assertEquals(status, 422);
});
