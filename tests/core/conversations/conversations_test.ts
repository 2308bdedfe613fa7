import { assert, assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import { rightsOf } from "../../../server/core/model/rights.ts";
import type { Session } from "../../../server/core/model/session.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";

/** What a session has open, in short: channel, read position, unread messages. */
async function openOf(hub: TestHub, session: Session) {
  const { conversations } = await hub.hub.conversations.list(session);
  return conversations.map(({ channel, readUpTo, unread }) => [channel, readUpTo, unread]);
}

Deno.test("[D1] a conversation is listed from its opening to its closing", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");

  await hub.hub.conversations.open(alice, "room:tea");
  await hub.hub.conversations.open(alice, "notice");
  assertEquals(await openOf(hub, alice), [["notice", 0, 0], ["room:tea", 0, 0]]);

  await hub.hub.conversations.close(alice, "notice");
  assertEquals(await openOf(hub, alice), [["room:tea", 0, 0]]);
});

Deno.test("[D1] a room can be closed after the right to read it was taken away", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.hub.conversations.open(alice, "room:tea");

  const confined = { ...alice, rights: rightsOf({ read: [], write: [] }) };
  await assertRejects(() => hub.hub.conversations.open(confined, "room:tea"), Refused);
  await hub.hub.conversations.close(confined, "room:tea");
  assertEquals(await openOf(hub, alice), []);
});

Deno.test("[D2] a direct message opens the conversation for both, once more after it was closed", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const channel = (await hub.say(alice, `direct:${bob.publicToken}`, "hello")).channel;

  assertEquals(await openOf(hub, alice), [[channel, 0, 0]]);
  assertEquals(await openOf(hub, bob), [[channel, 0, 1]]);
  await hub.hub.conversations.close(bob, channel);
  assertEquals(await openOf(hub, bob), []);

  await hub.say(alice, channel, "are you there?");
  assertEquals(await openOf(hub, bob), [[channel, 1, 1]]);
});

Deno.test("[D3] a conversation has its newest message, and how many of others are unread", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const { id } = await hub.say(bob, "room:tea", "one");
  await hub.say(alice, "room:tea", "mine");
  const last = await hub.say(bob, "room:tea", "two");

  await hub.hub.conversations.open(alice, "room:tea", { readUpTo: id });

  const { conversations } = await hub.hub.conversations.list(alice);
  assertEquals(conversations, [{
    channel: "room:tea",
    readUpTo: id,
    unread: 1,
    mentions: 0,
    last,
  }]);
});

Deno.test("[D3] no more than 100 unread messages are counted", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  for (let n = 0; n < 120; n++) await hub.say(bob, "room:tea", `text ${n}`);

  await hub.hub.conversations.open(alice, "room:tea");

  assertEquals(await openOf(hub, alice), [["room:tea", 0, 100]]);
});

Deno.test("[D3] own messages do not hide the unread ones of others", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.hub.conversations.open(alice, "room:tea");
  for (let n = 0; n < 250; n++) await hub.say(alice, "room:tea", `mine ${n}`);
  for (let n = 0; n < 5; n++) await hub.say(bob, "room:tea", `text ${n}`);

  assertEquals(await openOf(hub, alice), [["room:tea", 0, 5]]);
});

Deno.test("[D3] the conversations stand in the order of their newest messages", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  for (const channel of ["room:milk", "room:tea", "room:empty"]) {
    await hub.hub.conversations.open(alice, channel);
  }

  await hub.say(alice, "room:milk", "first");
  await hub.say(alice, "room:tea", "later");

  const order = (await openOf(hub, alice)).map(([channel]) => channel);
  assertEquals(order, ["room:tea", "room:milk", "room:empty"]);
});

Deno.test("[D4] what was read never goes back, and never passes the newest message", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.say(bob, "room:tea", "one");
  await hub.say(bob, "room:tea", "two");

  await hub.hub.conversations.open(alice, "room:tea", { readUpTo: 1_000 });
  await hub.hub.conversations.open(alice, "room:tea", { readUpTo: 1 });
  await hub.say(bob, "room:tea", "three");

  assertEquals(await openOf(hub, alice), [["room:tea", 2, 1]]);
});

Deno.test("[D5] what was read is signalled to the session's own tabs", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const { id } = await hub.say(bob, "room:tea", "one");
  const [own, others] = [await hub.cursor(alice), await hub.cursor(bob)];
  const poll = hub.poll(alice, { cursor: own, channels: [], wantsSignals: true });
  const aside = hub.poll(bob, { cursor: others, channels: [], wantsSignals: true, hold: 1_000 });

  await hub.hub.conversations.open(alice, "room:tea", { readUpTo: id });

  const told = (await poll).signals.map(({ at: _, ...signal }) => signal);
  const from = alice.person;
  assertEquals(told, [{ type: "read", channel: "room:tea", from, upTo: id }]);
  assertEquals((await aside).signals, []);
});

Deno.test("[D5] what was read in a direct channel is signalled to the other one too", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const { id, channel } = await hub.say(alice, `direct:${bob.publicToken}`, "hello");
  const cursor = await hub.cursor(alice);
  const poll = hub.poll(alice, { cursor, channels: [], wantsSignals: true });

  await hub.hub.conversations.open(bob, channel, { readUpTo: id });

  const told = (await poll).signals.map(({ at: _, ...signal }) => signal);
  assertEquals(told, [{ type: "read", channel, from: bob.person, upTo: id }]);
  const [conversation] = (await hub.hub.conversations.list(alice)).conversations;
  assertEquals(conversation?.other, { ...bob.person, readUpTo: id, deliveredUpTo: id });
});

Deno.test("[D5] that a conversation was closed is signalled to the session's own tabs", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  const poll = hub.poll(alice, { cursor, channels: [], wantsSignals: true });

  await hub.hub.conversations.close(alice, "room:tea");

  const told = (await poll).signals.map(({ type, channel }) => [type, channel]);
  assertEquals(told, [["closed", "room:tea"]]);
});

Deno.test("[D6] a direct message is delivered when its reader's next cursor says so, and not before", async () => {
  using clock = await stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const [place, start] = [await hub.cursor(alice), await hub.cursor(bob)];
  const { id, channel } = await hub.say(alice, `direct:${bob.publicToken}`, "hello");
  const { cursor } = await hub.poll(alice, { cursor: place, hold: 0 });
  const state = async () => (await hub.hub.conversations.list(alice)).conversations[0]?.other;

  const given = await hub.poll(bob, { cursor: start });
  await clock.pass(5_000);
  assertEquals((await state())?.deliveredUpTo, 0);

  await hub.poll(bob, { cursor: given.cursor, hold: 0 });
  const poll = hub.poll(alice, { cursor, channels: [], wantsSignals: true });
  await clock.pass(1_000);
  await settle();

  assertEquals((await state())?.deliveredUpTo, id);
  assertEquals((await state())?.readUpTo, 0);
  const told = (await poll).signals.map(({ at: _, ...signal }) => signal);
  assertEquals(told, [{ type: "delivered", channel, from: bob.person, upTo: id }]);
});

Deno.test("[D6] a lost reply delivers nothing: the same cursor comes again", async () => {
  using clock = await stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const start = await hub.cursor(bob);
  await hub.say(alice, `direct:${bob.publicToken}`, "hello");

  await hub.poll(bob, { cursor: start });
  await hub.poll(bob, { cursor: start });
  await clock.pass(1_000);
  await settle();

  const [conversation] = (await hub.hub.conversations.list(alice)).conversations;
  assertEquals(conversation?.other?.deliveredUpTo, 0);
});

Deno.test("[D7] a 501st conversation is refused, and a direct message to such a session is sent all the same", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  for (let n = 0; n < 500; n++) await hub.hub.conversations.open(alice, `room:${n}`);

  const refused = await assertRejects(
    () => hub.hub.conversations.open(alice, "room:tea"),
    Refused,
  );
  await hub.say(bob, `direct:${alice.publicToken}`, "hello");

  assertEquals(refused.refusal, "too_many_conversations");
  assertEquals((await openOf(hub, alice)).length, 500);
});

Deno.test("[R1] somebody else's conversation can be neither opened nor closed", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const carol = await hub.signIn("carol");
  const { channel } = await hub.say(alice, `direct:${bob.publicToken}`, "hello");

  for (const address of [channel, `notice:${bob.publicToken}`]) {
    await assertRejects(() => hub.hub.conversations.open(carol, address), Refused);
    await assertRejects(() => hub.hub.conversations.close(carol, address), Refused);
  }

  assert((await openOf(hub, bob)).length === 1);
});

Deno.test("[P22] a poll with the hold 0 is answered at once, with what there is", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);

  const nothing = await hub.poll(alice, { cursor, hold: 0 });
  await hub.say(alice, "room:tea", "hello");
  const something = await hub.poll(alice, { cursor, hold: 0 });

  assertEquals([nothing.outcome, something.outcome], ["timedout", "message"]);
  assertEquals(hub.hub.parked, 0);
});

Deno.test("[Y23] in a list, the last messages of more than 1 KiB are shortened to 200 characters", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  for (const room of ["tea", "milk", "water"]) {
    await hub.hub.conversations.open(alice, `room:${room}`);
  }
  await hub.say(alice, "room:tea", "t".repeat(8_000));
  await hub.send(alice, { channel: "room:milk", data: ["d".repeat(60_000)] });
  await hub.say(alice, "room:water", "w".repeat(800));

  const { conversations } = await hub.hub.conversations.list(alice);

  const seen = conversations.map(({ last, shortened }) => [last?.text, last?.data, shortened]);
  assertEquals(seen, [
    ["w".repeat(800), undefined, undefined],
    [`["${"d".repeat(198)}`, undefined, true],
    ["t".repeat(200), undefined, true],
  ]);
});
