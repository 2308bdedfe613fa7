import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import { DEFAULT_RIGHTS, type Rights, rightsOf } from "../../../server/core/model/rights.ts";
import type { Session } from "../../../server/core/model/session.ts";
import { settle } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";

function withPatterns(session: Session, ...patterns: string[]): Session {
  const rights: Rights = { ...DEFAULT_RIGHTS, patterns: rightsOf({ patterns }).patterns };
  return { ...session, rights };
}

async function openWithReader(options: Parameters<typeof TestHub.open>[0] = {}) {
  const hub = await TestHub.open(options);
  const alice = await hub.signIn("alice");
  const bob = withPatterns(await hub.signIn("bob"), "room:support-*");
  return { hub, alice, bob };
}

Deno.test("[P31] a poll that names a pattern is woken by a message of a room that is made later", async () => {
  const { hub, alice, bob } = await openWithReader();
  await using _ = hub;
  const cursor = await hub.cursor(bob);
  const poll = hub.poll(bob, { cursor, channels: ["room:support-*"] });
  await settle();

  await hub.say(alice, "room:support", "not below");
  await hub.say(alice, "room:tea", "neither");
  await hub.say(alice, "room:support-new", "hello");

  const { messages } = await poll;
  assertEquals(messages.map(({ channel, text }) => [channel, text]), [
    ["room:support-new", "hello"],
  ]);
});

for (const [where, messages] of [["memory", 1_000], ["the store", 1]] as const) {
  Deno.test(`[P31] a reader of a pattern who was away gets the messages of all rooms below it, from ${where}`, async () => {
    const { hub, alice, bob } = await openWithReader({ window: { messages, bytes: 2 ** 20 } });
    await using _ = hub;
    const cursor = await hub.cursor(bob);
    await hub.say(alice, "room:support-1", "one");
    await hub.say(alice, "room:tea", "tea");
    await hub.say(alice, "room:support-2", "two");
    await hub.say(alice, `direct:${bob.publicToken}`, "psst");
    await hub.say(alice, "room:support-vip.1", "three");

    const channels = ["room:support-2", "room:support-*", "room:tea", "room:support-vip.*"];
    const reply = await hub.poll(bob, { cursor, channels, hold: 0 });

    assertEquals(texts(reply), ["one", "tea", "two", "psst", "three"]);
    const once = await hub.poll(bob, { cursor, channels: ["room:support-*"], hold: 0 });
    assertEquals(texts(once), ["one", "two", "psst", "three"]);
    assertEquals([reply.refused, reply.gap], [undefined, false]);
  });
}

Deno.test("[P31] a reader of a pattern gets changes of the messages below it", async () => {
  const { hub, alice, bob } = await openWithReader();
  await using _ = hub;
  const { id } = await hub.say(alice, "room:support-1", "helo");
  const cursor = await hub.cursor(bob);

  await hub.hub.change(alice, id, { text: "hello" });

  const { changes } = await hub.poll(bob, { cursor, channels: ["room:support-*"], hold: 0 });
  assertEquals(changes?.map(({ message }) => message.text), ["hello"]);
});

Deno.test("[P31] a reader of a pattern is told a gap only if messages below it were removed", async () => {
  const window = { messages: 1, bytes: 2 ** 20 };
  const { hub, alice, bob } = await openWithReader({ window, retention: { maxMessages: 2 } });
  await using _ = hub;
  const cursor = await hub.cursor(bob);
  const gapAfter = async (...rooms: string[]) => {
    for (const room of rooms) await hub.say(alice, room, room);
    await hub.hub.sweep();
    return (await hub.poll(bob, { cursor, channels: ["room:support-*"], hold: 0 })).gap;
  };

  assertEquals(await gapAfter("room:tea", "room:tea", "room:tea"), false);
  assertEquals(await gapAfter("room:support-1", "room:support-1", "room:support-1"), true);
});

Deno.test("[P31] a reader of a pattern is sent the signals of the rooms below it", async () => {
  const { hub, alice, bob } = await openWithReader();
  await using _ = hub;
  const { cursor } = await hub.poll(bob, { channels: ["room:support-*"], wantsSignals: true });

  await hub.poll(alice, { channels: ["room:support-1"] });
  hub.hub.typing(alice, "room:support-1");

  const poll = { cursor, channels: ["room:support-*"], wantsSignals: true, hold: 0 };
  const { signals } = await hub.poll(bob, poll);
  assertEquals(signals.map(({ type, channel }) => [type, channel]), [
    ["presence", "room:support-1"],
    ["typing", "room:support-1"],
  ]);
});

Deno.test("[P32] a pattern that is not within the right is refused, also one that is wider", async () => {
  await using hub = await TestHub.open();
  const bob = withPatterns(await hub.signIn("bob"), "room:support-a*", "room:team-*");
  const channels = ["room:support-*", "room:support-a-*", "room:team-*", "room:other-*"];

  const { refused } = await hub.poll(bob, { channels });

  assertEquals(refused, [
    { channel: "room:support-*", code: "not_allowed" },
    { channel: "room:other-*", code: "not_allowed" },
  ]);
  assertEquals((await hub.hub.history.page(bob, "room:team-*", { limit: 1 })).messages, []);
  for (const pattern of ["room:support-*", "room:other-*"]) {
    const asked = hub.hub.history.page(bob, pattern, { limit: 1 });
    assertEquals((await assertRejects(() => asked, Refused)).refusal, "not_allowed");
  }
});

Deno.test("[P32] other patterns are invalid, whatever the right", async () => {
  await using hub = await TestHub.open();
  const bob = withPatterns(await hub.signIn("bob"), "*");

  for (
    const pattern of [
      ...["*", "room:*", "direct:*", "notice:*", "room:support*", "room:su pport-*", "support-*"],
      ...["room:a-b-c-d-e-*", "room:**", "room:-*-*", `room:${"a".repeat(64)}-*`],
    ]
  ) {
    for (
      const ask of [
        () => hub.poll(bob, { channels: [pattern] }),
        () => hub.hub.history.page(bob, pattern, { limit: 1 }),
      ]
    ) {
      const { refusal } = await assertRejects(ask, Refused, pattern);
      assertEquals([pattern, refusal], [pattern, "invalid_request"]);
    }
  }
});

Deno.test("[P32] who may read a pattern may read the rooms below it, and no others", async () => {
  const { hub, alice, bob } = await openWithReader({ guestRights: rightsOf({ write: ["*"] }) });
  await using _ = hub;
  const narrow = { ...bob, rights: rightsOf({ patterns: ["room:support-*"] }) };
  await hub.say(alice, "room:support-1", "hello");

  const page = await hub.hub.history.page(narrow, "room:support-1", { limit: 9 });

  assertEquals([texts(page), page.readOnly], [["hello"], true]);
  const other = hub.hub.history.page(narrow, "room:tea", { limit: 9 });
  assertEquals((await assertRejects(() => other, Refused)).refusal, "not_allowed");
});

Deno.test("[M34] deliveries count those who read the room by pattern, each once", async () => {
  const { hub, alice, bob } = await openWithReader();
  await using _ = hub;
  const channels = ["room:support-1", "room:support-*"];
  const cursor = (await hub.poll(bob, { channels })).cursor;
  const { id } = await hub.say(alice, "room:support-1", "hello");

  const before = await hub.hub.receipts.describe(id);
  const { cursor: next } = await hub.poll(bob, { cursor, channels });
  await hub.poll(bob, { cursor: next, channels, hold: 0 });

  assertEquals(before.readers, { delivered: 0, waiting: 1 });
  assertEquals((await hub.hub.receipts.describe(id)).readers, { delivered: 1, waiting: 0 });
});
