import { assertEquals } from "@std/assert";
import type { Session } from "../../../server/core/model/session.ts";
import { TestHub } from "../../support/hub.ts";

Deno.test("[D60] a conversation has the settings that its session has chosen, until it is closed", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const { conversations } = hub.hub;
  const settings = async (session: Session) =>
    (await conversations.list(session)).conversations.map(({ notify, pinned }) => [notify, pinned]);

  await conversations.open(alice, "room:tea", { notify: "none" });
  await conversations.open(alice, "room:tea", { pinned: true });
  await conversations.open(alice, "room:tea");
  await conversations.open(bob, "room:tea");

  assertEquals(await settings(alice), [["none", true]]);
  assertEquals(await settings(bob), [[undefined, undefined]]);
  await conversations.open(alice, "room:tea", { notify: "all", pinned: false });
  assertEquals(await settings(alice), [["all", undefined]]);
  await conversations.close(alice, "room:tea");
  await conversations.open(alice, "room:tea");
  assertEquals(await settings(alice), [[undefined, undefined]]);
});

Deno.test("[D60] settings move no read marker, and a read marker no settings", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const { id, channel } = await hub.say(bob, `direct:${alice.publicToken}`, "hello");

  await hub.hub.conversations.open(alice, channel, { notify: "none" });
  const [before] = (await hub.hub.conversations.list(alice)).conversations;
  assertEquals([before?.readUpTo, before?.unread], [0, 1]);

  await hub.hub.conversations.open(alice, channel, { readUpTo: id });
  const [conversation] = (await hub.hub.conversations.list(alice)).conversations;
  assertEquals([conversation?.readUpTo, conversation?.notify], [id, "none"]);
});

Deno.test("[D60] what is marked as unread is counted, with the read marker where it was, until the mark is removed", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const { conversations } = hub.hub;
  const [, two, three] = [
    await hub.say(bob, "room:tea", "one"),
    await hub.say(bob, "room:tea", "two"),
    await hub.say(bob, "room:tea", "three"),
  ];
  const listed = async () => {
    const [one] = (await conversations.list(alice)).conversations;
    return [one?.readUpTo, one?.unread, one?.unreadFrom];
  };

  await conversations.open(alice, "room:tea", { readUpTo: three.id, unreadFrom: two.id });

  assertEquals(await listed(), [three.id, 2, two.id]);
  await conversations.open(alice, "room:tea", { readUpTo: three.id });
  assertEquals(await listed(), [three.id, 2, two.id]);
  await conversations.open(alice, "room:tea", { unreadFrom: 0 });
  assertEquals(await listed(), [three.id, 0, undefined]);
});

Deno.test("[D61] settings are signalled to the session's own tabs, as they are now", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const { channel } = await hub.say(alice, `direct:${bob.publicToken}`, "hello");
  await hub.hub.conversations.open(alice, channel, { notify: "mentions" });
  const [own, others] = [await hub.cursor(alice), await hub.cursor(bob)];
  const poll = hub.poll(alice, { cursor: own, channels: [], wantsSignals: true });
  const aside = hub.poll(bob, { cursor: others, channels: [], wantsSignals: true, hold: 1_000 });

  await hub.hub.conversations.open(alice, channel, { pinned: true, unreadFrom: 1 });

  const told = (await poll).signals.map(({ at: _, ...signal }) => signal);
  const settings = { notify: "mentions", pinned: true, unreadFrom: 1 } as const;
  assertEquals(told, [{ type: "settings", channel, from: alice.person, ...settings }]);
  assertEquals((await aside).signals, []);
});
