import { assertEquals } from "@std/assert";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";

const YEAR = 365 * 86_400_000;

for (const [name, jump] of [["forth", 10 * YEAR], ["back", -10 * YEAR]] as const) {
  Deno.test(`[O15] a clock that is set ${name} by years loses nothing and changes no order`, async () => {
    using clock = stopClock();
    const retention = { maxMessages: 1e6, maxAgeMs: YEAR, keyAgeMs: 86_400_000 };
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
    const { present } = await hub.hub.channelPresence.of(alice, "room:tea");
    assertEquals(present.map(({ displayName }) => displayName), ["bob"]);
    assertEquals((await hub.hub.sessions.find(alice.publicToken))?.displayName, "alice");
  });
}
