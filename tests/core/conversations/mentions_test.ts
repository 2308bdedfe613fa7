import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import { rightsOf } from "../../../server/core/model/rights.ts";
import type { Session } from "../../../server/core/model/session.ts";
import { TestHub } from "../../support/hub.ts";

async function refusalOf(attempt: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(attempt, Refused)).refusal;
}

/** For each open conversation: channel, unread messages, and those of them that are mentions. */
async function counts(hub: TestHub, session: Session) {
  const { conversations } = await hub.hub.conversations.list(session);
  return conversations.map(({ channel, unread, mentions }) => [channel, unread, mentions]);
}

Deno.test("[A13] a text has the public tokens of the people whom it mentions", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const room = { channel: "room:tea", text: "@bob, look" };

  const sent = await hub.send(alice, { ...room, mentions: [bob.publicToken] });
  const none = await hub.send(alice, { ...room, mentions: [] });

  assertEquals([sent.mentions, "mentions" in none], [[bob.publicToken], false]);
});

Deno.test("[A13] mentions of others than known people are refused, and nothing is stored", async () => {
  await using hub = await TestHub.open();
  const guest = await hub.signIn("alice");
  const alice = { ...guest, rights: rightsOf({ patterns: ["room:support-*"], write: ["*"] }) };
  const [bob, carol] = [await hub.signIn("bob"), await hub.signIn("carol")];
  await hub.hub.accounts.signOut(carol);
  const many = Array.from({ length: 21 }, (_, n) => `guest${String(n).padStart(11, "0")}`);
  const refusal = (mentions: readonly string[], content = {}) =>
    refusalOf(() => hub.send(alice, { channel: "room:tea", text: "hi", mentions, ...content }));

  assertEquals(
    await Promise.all([
      refusal([carol.publicToken]),
      refusal(["aliceAliceAlice_"]),
      refusal(["bob"]),
      refusal([bob.publicToken, bob.publicToken]),
      refusal(many),
      refusal([bob.publicToken], { text: undefined, data: 1 }),
      refusal([bob.publicToken], {
        channel: "room:support-mia",
        text: undefined,
        event: "claimed",
      }),
    ]),
    ["unknown_mention", "unknown_mention", ...Array(5).fill("invalid_request")],
  );
  assertEquals(await hub.store.log.newestId(), 0);
});

Deno.test("[A12] a message that is sent again gets its message, also if whom it mentions has signed out", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const { publicToken } = bob;
  const message = { channel: "room:tea", text: "@bob", mentions: [publicToken], key: "k" };
  const sent = await hub.send(alice, message);
  await hub.hub.accounts.signOut(bob);

  const again = await hub.hub.send(alice, message);

  assertEquals([again.message, again.repeated], [sent, true]);
});

Deno.test("[A14] an edited message has the mentions of its edit, and none without them", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const mentions = [bob.publicToken];
  await hub.send(alice, { channel: "room:tea", text: "@bob", mentions });
  const edit = (content: object) => hub.hub.change(alice, 1, { text: "@bob!", ...content });

  const kept = await edit({ mentions });
  const same = await edit({ mentions });
  const none = await edit({});
  const refused = await refusalOf(() => edit({ mentions: ["aliceAliceAlice_"] }));

  assertEquals([kept.mentions, same.mentions, none.mentions], [mentions, mentions, undefined]);
  assertEquals([refused, await hub.store.log.newestId()], ["unknown_mention", 3]);
});

Deno.test("[M61] a back end mentions people, whom the server knows", async () => {
  await using hub = await TestHub.open();
  const { publicToken } = await hub.signIn("bob");
  const publish = (mentions: readonly string[]) =>
    hub.hub.publishing.publish("shop", [{ to: "room:tea", text: "@bob", mentions }]);

  const [published] = await publish([publicToken]);

  assertEquals(published?.message.mentions, [publicToken]);
  assertEquals(await refusalOf(() => publish(["aliceAliceAlice_"])), "unknown_mention");
});

Deno.test("[D42] the mentions of a conversation are unread messages that mention the session, or reply to it", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const room = "room:tea";
  const mentions = [alice.publicToken];
  await hub.say(alice, room, "one");
  await hub.hub.conversations.open(alice, room);
  await hub.say(bob, room, "two");
  await hub.send(bob, { channel: room, text: "@alice", mentions });
  await hub.send(bob, { channel: room, text: "yes", replyTo: 1 });
  await hub.send(bob, { channel: room, text: "no", replyTo: 2 });
  await hub.send(alice, { channel: room, text: "@alice", mentions, replyTo: 1 });

  const before = await counts(hub, alice);
  await hub.hub.conversations.open(alice, room, { readUpTo: 3 });

  assertEquals([before, await counts(hub, alice)], [[[room, 4, 2]], [[room, 2, 1]]]);
});

Deno.test("[D43] one list looks up at most a hundred answered messages", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const rooms = ["room:tea", "room:milk"];
  for (const channel of rooms) {
    const { id: replyTo } = await hub.say(alice, channel, "one");
    await hub.hub.conversations.open(alice, channel, { readUpTo: replyTo });
    for (let n = 0; n < 60; n++) await hub.send(bob, { channel, text: `yes ${n}`, replyTo });
  }

  const listed = await counts(hub, alice);

  assertEquals(listed.map(([_, unread]) => unread), [60, 60]);
  assertEquals(listed.reduce((sum, [_, _unread, mentions]) => sum + Number(mentions), 0), 100);
});
