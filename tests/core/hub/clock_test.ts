import { assertEquals } from "@std/assert";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";

const DAY = 86_400_000;
const YEAR = 365 * DAY;

for (const [name, jump] of [["forward", 10 * YEAR], ["back", -10 * YEAR]] as const) {
  Deno.test(`[O15] a clock that is set ${name} by years loses nothing and changes no order`, async () => {
    using clock = stopClock();
    const retention = { maxMessages: 1e6, maxAgeMs: YEAR, keyAgeMs: DAY };
    await using hub = await TestHub.open({ retention, sessionAge: YEAR });
    const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
    const cursor = await hub.cursor(bob);
    await hub.say(alice, "room:tea", "before");
    const parked = hub.poll(bob, { cursor: await hub.cursor(bob), hold: 20_000 });
    await settle();

    clock.jump(jump);
    await hub.hub.sweep();
    assertEquals(hub.hub.parked, 1);
    await hub.say(alice, "room:tea", "after");

    assertEquals(texts(await parked), ["after"]);
    assertEquals(texts(await hub.poll(bob, { cursor })), ["before", "after"]);
    const { present } = await hub.hub.channelPresence.list(alice, "room:tea");
    assertEquals(present.map(({ displayName }) => displayName), ["bob"]);
    assertEquals((await hub.hub.sessions.find(alice.publicToken))?.displayName, "alice");
  });
}

Deno.test("[O15] a clock that is ahead by two days removes nothing by age until a day later", async () => {
  using clock = stopClock();
  const ahead: number[] = [];
  await using hub = await TestHub.open({
    retention: { maxMessages: 1e6, maxAgeMs: DAY, keyAgeMs: DAY },
    onClockAhead: (ms) => ahead.push(ms),
  });
  const { id } = await hub.say(await hub.signIn("alice"), "room:tea", "hello");
  await hub.hub.sweep();

  clock.jump(2 * DAY);
  await hub.hub.sweep();

  assertEquals(ahead, [2 * DAY]);
  assertEquals((await hub.store.log.get(id))?.text, "hello");
  await clock.pass(DAY);
  await hub.hub.sweep();
  assertEquals(await hub.store.log.get(id), undefined);
});

Deno.test("[O15] after the wall clock was corrected, times that are shown and stored are right again", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(bob);
  const { id } = await hub.say(alice, `direct:${bob.publicToken}`, "hello");
  const reply = await hub.poll(bob, { cursor });
  await clock.pass(5_000);

  clock.jump(3 * 3_600_000);
  const { present: [seen] } = await hub.hub.channelPresence.list(alice, "room:tea");
  await hub.poll(bob, { cursor: reply.cursor, hold: 0 });
  await hub.hub.receipts.flush();

  assertEquals(seen?.lastSeen, Date.now() - 5_000);
  const { deliveredAt } = await hub.hub.receipts.describe(id);
  assertEquals(deliveredAt, Date.now());
});
