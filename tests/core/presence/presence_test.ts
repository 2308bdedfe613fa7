import { assertEquals } from "@std/assert";
import { DEFAULT_RIGHTS, rightsOf } from "../../../server/core/model/rights.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";

async function states(hub: TestHub, channel = "room:tea"): Promise<string[]> {
  const carol = await hub.signIn("carol");
  const { present } = await hub.hub.channelPresence.list(carol, channel);
  return present.map(({ displayName, state }) => `${displayName} ${state}`);
}

Deno.test("[H1] a poll makes its session present in its rooms", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];

  await hub.poll(alice, { channels: ["room:tea"], state: "active" });
  await hub.poll(bob, { channels: ["room:tea", "room:milk"], state: "background" });

  assertEquals(await states(hub, "room:tea"), ["alice active", "bob background"]);
  assertEquals(await states(hub, "room:milk"), ["bob background"]);
});

Deno.test("[H1] presence ends 15 s after the poll should have ended", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.poll(alice, { hold: 20_000 });

  await clock.pass(32_000);
  await hub.hub.sweep();
  assertEquals(await states(hub), ["alice active"]);
  await clock.pass(3_001);
  await hub.hub.sweep();

  assertEquals(await states(hub), []);
});

Deno.test("[H2] a session is present while one of its tabs is, and active while one is", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.poll(alice, { tab: "phone", state: "background", hold: 50_000 });
  await hub.poll(alice, { tab: "desk", state: "active", hold: 10_000 });
  assertEquals(await states(hub), ["alice active"]);

  await clock.pass(30_000);
  await hub.hub.sweep();

  assertEquals(await states(hub), ["alice background"]);
});

Deno.test("[H2] signing out ends the presence", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.poll(alice, { tab: "phone" });
  await hub.poll(alice, { tab: "desk" });

  await hub.hub.accounts.signOut(alice);

  assertEquals(await states(hub), []);
});

Deno.test("[H3] a change of presence is signalled to those who read the room", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const poll = hub.poll(bob, { cursor: await hub.cursor(bob), wantsSignals: true });
  await settle();

  await hub.poll(alice, { channels: ["room:tea"] });

  const { outcome, signals } = await poll;
  assertEquals(outcome, "message");
  assertEquals(signals.map(({ type, channel, from }) => [type, channel, from.displayName]), [
    ["presence", "room:tea", "alice"],
  ]);
});

Deno.test("[H3] leaving a room is signalled, a renewed lease is not", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  await hub.poll(alice, { channels: ["room:tea"] });
  const poll = hub.poll(bob, { cursor: await hub.cursor(bob), wantsSignals: true });
  await settle();

  await hub.poll(alice, { channels: ["room:tea"] });
  await settle();
  assertEquals(hub.hub.parked, 1);
  await hub.poll(alice, { channels: [] });

  const { signals } = await poll;
  assertEquals(signals.map((signal) => signal.type === "presence" && signal.state), ["offline"]);
});

Deno.test("[H6] a direct channel's presence is that of its two sessions", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const left = Date.now();
  await clock.pass(60_000);
  await hub.poll(alice, { channels: [] });

  const { present } = await hub.hub.channelPresence.list(alice, `direct:${bob.publicToken}`);

  const byName = Object.fromEntries(present.map((one) => [one.displayName, one]));
  assertEquals(byName.alice?.state, "active");
  assertEquals([byName.bob?.state, byName.bob?.lastSeen], ["offline", left]);
});

Deno.test("[H8] the presence of a visitor's room says whether somebody of the team is there", async () => {
  const { patterns, visitorRooms } = rightsOf({
    patterns: ["room:support-*"],
    visitorRooms: ["room:support-*"],
  });
  await using hub = await TestHub.open({ guestRights: { ...DEFAULT_RIGHTS, visitorRooms } });
  const alice = await hub.signIn("alice");
  const bob = {
    ...await hub.signIn("bob"),
    rights: { ...DEFAULT_RIGHTS, patterns, visitorRooms },
  };
  const own = `room:support-${alice.publicToken}`;
  const list = (channel: string) => hub.hub.channelPresence.list(alice, channel);

  await hub.poll(alice, { channels: [own] });
  const before = await list(own);
  await hub.poll(bob, { channels: ["room:support-*"] });
  const after = await list(own);

  assertEquals([before.attended, after.attended], [false, true]);
  assertEquals(after.present.map(({ displayName }) => displayName), ["alice"]);
  assertEquals("attended" in await list("room:tea"), false);
});
