import { assertEquals } from "@std/assert";
import { answer, Chat } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { texts } from "../support/hub.ts";
import { expectRefusal } from "../support/problem.ts";

const NEW_YEAR = 1_767_225_600_000;

Deno.test("[N1] a text is answered 201 with the message that its readers get", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll();

  const sent = await answer(alice.say("room:tea", "hello"));

  const message = {
    id: 1,
    channel: "room:tea",
    from: { publicToken: alice.publicToken, displayName: "alice" },
    text: "hello",
    at: NEW_YEAR,
  };
  assertEquals(sent, { status: 201, body: message });
  assertEquals((await bob.poll({ cursor, channels: ["room:tea"] })).messages, [message]);
});

Deno.test("[N1] data is answered 201 with the message", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const sent = await answer(alice.send({ channel: "room:tea", data: { move: ["e2", "e4"] } }));

  assertEquals(sent, {
    status: 201,
    body: {
      id: 1,
      channel: "room:tea",
      from: { publicToken: alice.publicToken, displayName: "alice" },
      data: { move: ["e2", "e4"] },
      at: NEW_YEAR,
    },
  });
});

for (const data of [null, false, 0, "", [], {}, "text", -1.5e300]) {
  Deno.test(`[N1] ${JSON.stringify(data)} is data`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    const { status, body } = await answer(alice.send({ channel: "room:tea", data }));

    assertEquals([status, (body as { data: unknown }).data], [201, data]);
  });
}

Deno.test("[N1] a repeated key is answered 200 with the first message, and delivered once", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll();
  const message = { channel: "room:tea", text: "hello", key: "k1" };

  const first = await answer(alice.send(message));
  await clock.pass(1_000);
  const again = await answer(alice.send(message));

  assertEquals([first.status, again.status], [201, 200]);
  assertEquals(again.body, first.body);
  assertEquals(texts(await bob.poll({ cursor, channels: ["room:tea"] })), ["hello"]);
});

Deno.test("[N1] a message does not contain its key", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const { body } = await answer(alice.send({ channel: "room:tea", text: "hello", key: "k1" }));

  assertEquals(Object.keys(body as object), ["id", "channel", "from", "text", "at"]);
});

Deno.test("[A3] a direct channel can be addressed by the other person; replies have the pair", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const pair = `direct:${[alice.publicToken, bob.publicToken].sort().join(":")}`;
  const { cursor } = await alice.poll();

  const forth = await answer(alice.say(`direct:${bob.publicToken}`, "hello"));
  const back = await answer(bob.say(`direct:${alice.publicToken}`, "hello yourself"));

  assertEquals((forth.body as { channel: string }).channel, pair);
  assertEquals((back.body as { channel: string }).channel, pair);
  assertEquals(texts(await alice.poll({ cursor })), ["hello", "hello yourself"]);
});

for (const channel of ["notice", "notice:self", "notice:bob"]) {
  Deno.test(`[R2] alice cannot send to ${channel}`, async () => {
    await using chat = await Chat.open();
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await bob.poll();
    const address = channel.replace("self", alice.publicToken).replace("bob", bob.publicToken);

    const saying = alice.say(address, "You have won");

    await expectRefusal(saying, 403, "not_allowed");
    assertEquals((await bob.poll()).cursor, cursor);
  });
}

Deno.test("[N1] a reply is answered 201 with the id of what it answers, an impossible one 404 or 422", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "green or black?");
  const reply = (replyTo: unknown) =>
    alice.request("POST", "/api/messages", { channel: "room:tea", text: "green", replyTo });

  const { status, body } = await answer(reply(1));

  assertEquals([status, (body as { replyTo: number }).replyTo], [201, 1]);
  await expectRefusal(reply(99), 404, "not_found");
  for (const invalid of [0, -1, 1.5, "1", null, {}]) {
    await expectRefusal(reply(invalid), 422, "invalid_request");
  }
});
