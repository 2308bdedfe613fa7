import { assertEquals } from "@std/assert";
import type { Change } from "../../../server/protocol/message.ts";
import type { PollReply } from "../../../server/protocol/replies.ts";
import { stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";

/** A window of one message: everything before it is read from the store. */
const SMALL_WINDOW = { window: { messages: 1, bytes: 1e6 } };

/** Changes in short: the id of the message, and its text or `deleted`. */
function short({ changes = [] }: PollReply): readonly string[] {
  return changes.map(({ message }: Change) => {
    return `${message.id} ${message.deletedAt === undefined ? message.text : "deleted"}`;
  });
}

for (const [where, options] of [["memory", {}], ["the store", SMALL_WINDOW]] as const) {
  Deno.test(`[P26] a poll gets changes from ${where}, once and beside the messages`, async () => {
    await using hub = await TestHub.open(options);
    const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
    const start = await hub.cursor(bob);
    await hub.say(alice, "room:tea", "one");
    await hub.say(alice, "room:tea", "two");
    const { cursor } = await hub.poll(bob, { cursor: start });

    await hub.hub.change(alice, 1, { text: "uno" });
    await hub.say(alice, "room:tea", "three");
    await hub.hub.change(alice, 2);
    const reply = await hub.poll(bob, { cursor });
    const next = await hub.poll(bob, { cursor: reply.cursor, hold: 0 });

    assertEquals([reply.outcome, texts(reply), short(reply)], [
      "message",
      ["three"],
      ["1 uno", "2 deleted"],
    ]);
    assertEquals([next.outcome, next.messages, next.changes], ["timedout", [], undefined]);
  });

  Deno.test(`[P26] a reader from before a message gets it from ${where} as it is now`, async () => {
    await using hub = await TestHub.open(options);
    const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
    const cursor = await hub.cursor(bob);
    for (const text of ["one", "two", "three"]) await hub.say(alice, "room:tea", text);

    await hub.hub.change(alice, 1);
    await hub.hub.change(alice, 3, { text: "tres" });
    await hub.hub.change(alice, 3, { text: "drei" });
    const reply = await hub.poll(bob, { cursor });

    assertEquals(texts(reply), ["two", "drei"]);
    assertEquals(short(reply), ["1 deleted", "3 drei", "3 drei"]);
    assertEquals(JSON.stringify(reply).includes("one"), false);
  });

  Deno.test(`[P26] messages that were deleted hide none that follow in ${where}`, async () => {
    await using hub = await TestHub.open(options);
    const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
    const cursor = await hub.cursor(bob);
    for (let n = 1; n <= 150; n++) await hub.say(alice, "room:tea", `${n}`);
    for (let id = 1; id <= 120; id++) await hub.hub.change(alice, id);

    const first = await hub.poll(bob, { cursor, hold: 0 });
    const second = await hub.poll(bob, { cursor: first.cursor, hold: 0 });
    const third = await hub.poll(bob, { cursor: second.cursor, hold: 0 });

    const got = [...first.messages, ...second.messages, ...third.messages];
    assertEquals(got.map(({ id }) => id), Array.from({ length: 30 }, (_, n) => 121 + n));
    assertEquals([first, second, third].flatMap(short).length, 120);
    assertEquals(third.more, undefined);
  });
}

Deno.test("[P26] a change wakes the readers of its channel, and no others", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.say(alice, "room:tea", "one");
  const cursor = await hub.cursor(bob);
  const ofTea = hub.poll(bob, { cursor, tab: "tea" });
  const ofMilk = hub.poll(bob, { cursor, tab: "milk", channels: ["room:milk"], hold: 1_000 });
  await clock.pass(100);

  await hub.hub.change(alice, 1);

  assertEquals(short(await ofTea), ["1 deleted"]);
  await clock.pass(2_000);
  assertEquals((await ofMilk).outcome, "timedout");
});

Deno.test("[P26] a change of a direct message reaches both people, and acknowledges nothing", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const [ofAlice, ofBob] = [await hub.cursor(alice), await hub.cursor(bob)];
  const { id } = await hub.say(alice, `direct:${bob.publicToken}`, "psst");
  await hub.hub.change(alice, id, { text: "hi" });

  const replies = [
    await hub.poll(alice, { cursor: ofAlice }),
    await hub.poll(bob, { cursor: ofBob }),
  ];

  assertEquals(replies.map(short), [["1 hi"], ["1 hi"]]);
  assertEquals(replies.map(texts), [["hi"], ["hi"]]);
  await clock.pass(1_000);
});

Deno.test("[P26] a history shows messages as they are now", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  for (let n = 1; n <= 40; n++) await hub.say(alice, "room:tea", `${n}`);
  for (let id = 5; id <= 38; id++) await hub.hub.change(alice, id);
  await hub.hub.change(alice, 4, { text: "four" });

  const page = await hub.hub.history.page(alice, "room:tea", { limit: 3 });
  const older = await hub.hub.history.page(alice, "room:tea", { limit: 10, before: 4 });

  assertEquals([texts(page), page.more], [["40", "39", "four"], true]);
  assertEquals(page.messages.map(({ editedAt }) => editedAt !== undefined), [false, false, true]);
  assertEquals([texts(older), older.more], [["3", "2", "1"], false]);
  assertEquals(await hub.hub.history.get(5), undefined);
  assertEquals(await hub.hub.history.get(41), undefined);
});

Deno.test("[D9] changes and deleted messages are neither unread nor the last message", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.hub.conversations.open(bob, "room:tea");
  for (const text of ["one", "two", "three"]) await hub.say(alice, "room:tea", text);
  await hub.hub.change(alice, 1, { text: "uno" });
  await hub.hub.change(alice, 3);

  const [tea] = (await hub.hub.conversations.list(bob)).conversations;

  assertEquals([tea?.unread, tea?.last?.text], [2, "two"]);
});
