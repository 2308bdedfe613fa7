import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import fc from "fast-check";
import { parseCursor } from "../../server/protocol/cursor.ts";
import { LongConversation } from "../support/long_conversation.ts";
import { RestartableServer } from "../support/restartable_server.ts";
import { RemoteChat } from "../support/remote_chat.ts";

/** The number of events of the conversation after which the server is killed. */
const MOMENTS = fc.sample(fc.integer({ min: 50, max: 500 }), { seed: 1986, numRuns: 5 });

Deno.test("[S2] a private token is still valid after kill -9", async () => {
  await using halley = await RestartableServer.start();
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");

  await halley.kill();
  await halley.restart();

  const session = await alice.request("GET", "/api/session");
  assertEquals(session.status, 200);
  assertEquals((await session.json()).publicToken, alice.publicToken);
});

Deno.test("[L10] an acknowledged message is still stored after kill -9", async () => {
  await using halley = await RestartableServer.start();
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  const sent = await (await alice.say("room:tea", "hello")).json();

  await halley.kill();
  await halley.restart();

  const history = await alice.request("GET", "/api/channels/room:tea/messages");
  assertEquals(await history.json(), { messages: [sent], more: false });
});

Deno.test("[L9] after kill -9 the log has the same epoch, and continues with the next id", async () => {
  await using halley = await RestartableServer.start();
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  const before = await (await alice.say("room:tea", "hello")).json();
  const { cursor } = await alice.poll();

  await halley.kill();
  await halley.restart();

  const after = await (await alice.say("room:tea", "hello again")).json();
  assertEquals(after.id, before.id + 1);
  const reply = await alice.poll({ cursor, channels: ["room:tea"] });
  assertEquals({ gap: reply.gap, messages: reply.messages }, { gap: false, messages: [after] });
  assertEquals(parseCursor(reply.cursor)?.epoch, parseCursor(cursor)?.epoch);
});

Deno.test("[O8] after five times kill -9 during a conversation, no message is missing or duplicated, and no user is signed out", async () => {
  await using halley = await RestartableServer.start();
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  const bob = await chat.signIn("bob");
  const carol = await chat.signIn("carol");
  await using conversation = await LongConversation.begin(bob, [
    [alice, "room:tea"],
    [alice, `direct:${bob.publicToken}`],
    [bob, "room:tea"],
    [carol, "room:tea"],
    [carol, `direct:${bob.publicToken}`],
  ]);

  for (const count of MOMENTS) {
    await conversation.moment(count);
    conversation.pause();
    await halley.kill();
    await halley.restart();
    for (const { request, publicToken } of [alice, bob, carol]) {
      const session = await request("GET", "/api/session");
      assertEquals((await session.json()).publicToken, publicToken);
    }
    for (const sender of conversation.senders) await conversation.repeatLast(sender);
    conversation.resume();
  }
  await conversation.end();

  const acknowledged = conversation.senders.flatMap((sender) => sender.acknowledged);
  assertEquals(conversation.received, acknowledged.toSorted((one, other) => one.id - other.id));
  for (const { acknowledged } of conversation.senders) {
    assertEquals(acknowledged, acknowledged.toSorted((one, other) => one.id - other.id));
  }
  assertEquals(conversation.epochs.size, 1);
  // Otherwise no crash interrupted a request.
  assertGreaterOrEqual(conversation.interrupted, 5);
});
