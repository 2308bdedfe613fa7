import { assertEquals, assertRejects } from "@std/assert";
import type { Session } from "../../../server/core/model/session.ts";
import { Refused } from "../../../server/core/model/refused.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";

// Polls of one session that arrive at once, late or in the wrong order.

async function readersOf({ hub }: TestHub, room: string, session: Session): Promise<string[]> {
  const { present } = await hub.channelPresence.list(session, room);
  return present.map(({ displayName }) => displayName);
}

Deno.test("[P12] of 20 simultaneous polls of one tab, 19 are cancelled and one is parked", async () => {
  using _clock = stopClock();
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);

  const polls = Array.from({ length: 20 }, () => hub.poll(alice, { cursor }));
  await settle();
  assertEquals(hub.hub.parked, 1);
  await hub.say(alice, "room:tea", "hello");

  const outcomes = (await Promise.all(polls)).map(({ outcome, reason }) => reason ?? outcome);
  assertEquals(outcomes.toSorted(), ["message", ...Array(19).fill("superseded")]);
});

Deno.test("[P13] of 20 polls in the wrong order, the one with the highest turn is parked", async () => {
  using _clock = stopClock();
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  const turns = [7, 19, 3, 12, 0, 15, 8, 1, 18, 5, 11, 4, 16, 9, 2, 14, 6, 17, 10, 13];

  const polls = turns.map((turn) => hub.poll(alice, { cursor, turn }));
  await settle();
  assertEquals(hub.hub.parked, 1);
  await hub.say(alice, "room:tea", "hello");

  const replies = await Promise.all(polls);
  assertEquals(turns.filter((_, n) => replies[n]?.outcome === "message"), [19]);
});

Deno.test("[P13] a late poll with a lower turn does not change what its tab reads", async () => {
  using _clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(alice);
  const parked = hub.poll(alice, { cursor, channels: ["room:tea"], turn: 43 });
  await settle();

  await hub.poll(alice, { cursor, channels: ["room:milk"], turn: 42 });

  assertEquals(await readersOf(hub, "room:tea", bob), ["alice"]);
  assertEquals(await readersOf(hub, "room:milk", bob), []);
  await hub.say(bob, "room:tea", "hello");
  assertEquals(texts(await parked), ["hello"]);
});

Deno.test("[P14] with eight tabs, a late poll of one of them is cancelled instead of refused", async () => {
  using _clock = stopClock();
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  const polls = Array.from(
    { length: 8 },
    (_, n) => hub.poll(alice, { cursor, tab: `x${n}`, turn: 43 }),
  );
  await settle();

  const late = await hub.poll(alice, { cursor, tab: "x7", turn: 42 });

  assertEquals([late.outcome, late.reason], ["cancelled", "superseded"]);
  assertEquals(hub.hub.parked, 8);
  await hub.hub.accounts.signOut(alice);
  await Promise.all(polls);
});

Deno.test("[P14] a ninth tab, which is refused, is present nowhere", async () => {
  using _clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(alice);
  const polls = Array.from({ length: 7 }, (_, n) => hub.poll(alice, { cursor, tab: `x${n}` }));
  polls.push(hub.poll(alice, { cursor }));
  await settle();

  const ninth = hub.poll(alice, { cursor, tab: "ninth", channels: ["room:milk"] });

  await assertRejects(() => ninth, Refused);
  assertEquals(await readersOf(hub, "room:milk", bob), []);
  await hub.hub.accounts.signOut(alice);
  await Promise.all(polls);
});

Deno.test("[P14] a session is present in no more rooms than eight tabs read", async () => {
  using _clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];

  for (let n = 0; n < 20; n++) await hub.poll(alice, { tab: `x${n}`, channels: [`room:${n}`] });

  const rooms = Array.from({ length: 20 }, (_, n) => `room:${n}`);
  const readers = await Promise.all(rooms.map((room) => readersOf(hub, room, bob)));
  assertEquals(readers.flat().filter((name) => name === "alice").length <= 8, true);
});
