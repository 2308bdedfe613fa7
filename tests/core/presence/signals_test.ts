import { assertEquals } from "@std/assert";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";

/** Alice and bob read the room, and have heard of each other. */
async function openTeaRoom() {
  const hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  for (const reader of [alice, bob, alice]) await hub.poll(reader, { wantsSignals: true });
  return { hub, alice, bob };
}

Deno.test("[H4] typing is signalled to the other readers", async () => {
  const { hub, alice, bob } = await openTeaRoom();
  await using _ = hub;
  const poll = hub.poll(bob, { cursor: await hub.cursor(bob), wantsSignals: true });
  await settle();

  hub.hub.typing(alice, "room:tea");

  const { signals, messages } = await poll;
  assertEquals(messages, []);
  assertEquals(signals.map(({ type, channel, from }) => [type, channel, from.displayName]), [
    ["typing", "room:tea", "alice"],
  ]);
});

Deno.test("[H4] typing is not signalled to the typist", async () => {
  const { hub, alice, bob } = await openTeaRoom();
  await using _ = hub;
  const poll = hub.poll(alice, { cursor: await hub.cursor(alice), wantsSignals: true });
  await settle();

  hub.hub.typing(alice, "room:tea");
  await settle();
  assertEquals(hub.hub.parked, 1);
  await hub.say(bob, "room:tea", "hello");

  assertEquals([texts(await poll), (await poll).signals], [["hello"], []]);
});

Deno.test("[H4] typing in a direct channel reaches the other one alone", async () => {
  const { hub, alice, bob } = await openTeaRoom();
  await using _ = hub;
  const carol = await hub.signIn("carol");
  const forBob = hub.poll(bob, { cursor: await hub.cursor(bob), wantsSignals: true });
  const forCarol = hub.poll(carol, {
    cursor: await hub.cursor(carol),
    channels: [],
    wantsSignals: true,
  });
  await settle();

  hub.hub.typing(alice, `direct:${bob.publicToken}`);
  await settle();

  assertEquals((await forBob).signals.length, 1);
  assertEquals(hub.hub.parked, 1);
  await hub.hub.accounts.signOut(carol);
  assertEquals((await forCarol).signals, []);
});

Deno.test("[H4] typing is over after five seconds", async () => {
  using clock = stopClock();
  const { hub, alice, bob } = await openTeaRoom();
  await using _ = hub;
  const cursor = await hub.cursor(bob);
  hub.hub.typing(alice, "room:tea");

  await clock.pass(5_000);
  await hub.say(alice, "room:tea", "hello");

  assertEquals((await hub.poll(bob, { cursor, wantsSignals: true })).signals, []);
});

Deno.test("[H5] in a large room a signal wakes nobody, and comes with the next reply", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const readers = await Promise.all(Array.from({ length: 101 }, (_, n) => hub.signIn(`${n}`)));
  for (const reader of [alice, ...readers]) await hub.poll(reader);
  const cursor = await hub.cursor(alice);
  // A first round takes up what each has to hear of the others' coming.
  for (const reader of readers) hub.poll(reader, { cursor, hold: 1_000, wantsSignals: true });
  await settle();
  await hub.say(alice, "room:tea", "hello");
  await settle();
  const next = await hub.cursor(alice);
  const polls = readers.map((reader) => hub.poll(reader, { cursor: next, wantsSignals: true }));
  await settle();
  assertEquals(hub.hub.parked, 101);

  hub.hub.typing(alice, "room:tea");
  await settle();
  assertEquals(hub.hub.parked, 101);
  await hub.say(alice, "room:tea", "again");

  const answers = await Promise.all(polls);
  assertEquals(
    answers.map((answer) => [texts(answer)[0], answer.signals.at(-1)?.type]),
    Array(101).fill(["again", "typing"]),
  );
});
