import { assertEquals } from "@std/assert";
import { ServerProcess } from "../support/server_process.ts";
import { RemoteChat } from "../support/remote_chat.ts";

Deno.test("[O45] with LOG_LEVEL=debug each request is logged, without names, rooms, texts and tokens", async () => {
  const settings = { STORE: "memory", LOG_LEVEL: "debug" };
  await using halley = await ServerProcess.start({ settings });
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "hello");
  await alice.request("GET", "/api/channels/room:tea/messages?limit=7");
  await chat.request("GET", `/ChatHandler.ashx?privateToken=${alice.privateToken}&x=1`);
  await chat.request("GET", `/${alice.privateToken}?${alice.privateToken}`);
  await halley.line(/"route":"\/\*","status":404/);

  const lines = halley.output.split("\n").filter((line) => line.includes('"event":"request"'));

  assertEquals(
    lines.map((line) => JSON.parse(line)).map(({ method, route, status }) =>
      `${method} ${route} ${status}`
    ),
    [
      "POST /api/sessions 201",
      "POST /api/messages 201",
      "GET /api/channels/:channel/messages 200",
      "GET /ChatHandler.ashx 422",
      "GET /* 404",
    ],
  );
  for (const word of [alice.privateToken, alice.publicToken, "tea", "hello", "alice", "limit=7"]) {
    assertEquals(lines.join("\n").includes(word), false, word);
  }
});
