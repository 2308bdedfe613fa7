import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";

Deno.test("[P12] a tab's newer poll ends the older one", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  const older = hub.poll(alice, { cursor, turn: 1 });
  await settle();

  const newer = hub.poll(alice, { cursor, turn: 2 });

  assertEquals((await older).outcome, "cancelled");
  assertEquals((await older).reason, "superseded");
  assertEquals((await older).cursor, cursor);
  await hub.say(alice, "room:tea", "hello");
  assertEquals(texts(await newer), ["hello"]);
});

Deno.test("[P12] a poll that is superseded while the store reads for it is cancelled", async () => {
  await using hub = await TestHub.open({ window: { messages: 1, bytes: 1e6 } });
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  for (const text of ["one", "two", "three"]) await hub.say(alice, "room:tea", text);

  const [older, newer] = await Promise.all([
    hub.poll(alice, { cursor, turn: 1 }),
    hub.poll(alice, { cursor, turn: 2 }),
  ]);

  assertEquals([older.outcome, older.messages], ["cancelled", []]);
  assertEquals(texts(newer), ["one", "two", "three"]);
});

Deno.test("[P13] a poll with a lower turn is cancelled, and the parked one stays", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  const parked = hub.poll(alice, { cursor, turn: 43 });
  await settle();

  const late = await hub.poll(alice, { cursor, turn: 42 });

  assertEquals(late.outcome, "cancelled");
  assertEquals(hub.hub.parked, 1);
  await hub.say(alice, "room:tea", "hello");
  assertEquals(texts(await parked), ["hello"]);
});

Deno.test("[P13] a late poll with a lower turn is cancelled even where there is news", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const old = await hub.cursor(alice);
  await hub.say(alice, "room:tea", "hello");
  const parked = hub.poll(alice, { cursor: await hub.cursor(alice), turn: 43 });
  await settle();

  const late = await hub.poll(alice, { cursor: old, turn: 42 });

  assertEquals(late.outcome, "cancelled");
  assertEquals(late.messages, []);
  assertEquals(hub.hub.parked, 1);
  await hub.hub.accounts.signOut(alice);
  assertEquals((await parked).reason, "signed_out");
});

Deno.test("[P24] a poll that comes twice does not end its tab, whichever reply the client gets", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  const first = hub.poll(alice, { cursor, turn: 42 });
  await settle();

  const second = hub.poll(alice, { cursor, turn: 42 });

  const { outcome, retryAfter } = await first;
  assertEquals([outcome, retryAfter], ["timedout", 1_000]);
  await hub.say(alice, "room:tea", "hello");
  assertEquals(texts(await second), ["hello"]);
});

Deno.test("[P24] a poll that comes twice while there is news gets it both times", async () => {
  await using hub = await TestHub.open({ window: { messages: 1, bytes: 1e6 } });
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  for (const text of ["one", "two", "three"]) await hub.say(alice, "room:tea", text);

  const replies = await Promise.all([
    hub.poll(alice, { cursor, turn: 42 }),
    hub.poll(alice, { cursor, turn: 42 }),
  ]);

  for (const reply of replies) assertEquals(texts(reply), ["one", "two", "three"]);
});

Deno.test("[P13] without a turn the later poll wins", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  const polls = Array.from({ length: 20 }, () => hub.poll(alice, { cursor }));
  await settle();
  assertEquals(hub.hub.parked, 1);

  await hub.say(alice, "room:tea", "hello");

  const outcomes = (await Promise.all(polls)).map(({ outcome }) => outcome);
  assertEquals(outcomes, [...Array(19).fill("cancelled"), "message"]);
});

Deno.test("[P14] tabs are polled side by side, and a ninth is refused", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  const tabs = Array.from({ length: 8 }, (_, n) => hub.poll(alice, { cursor, tab: `${n}` }));
  await settle();

  const refused = await assertRejects(() => hub.poll(alice, { cursor, tab: "ninth" }), Refused);
  await hub.say(alice, "room:tea", "hello");

  assertEquals(refused.refusal, "too_many_tabs");
  assertEquals((await Promise.all(tabs)).map(texts), Array(8).fill(["hello"]));
});

Deno.test("[P15] signing out answers the session's polls, and nobody else's", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(alice);
  const polls = ["one", "two"].map((tab) => hub.poll(alice, { cursor, tab }));
  const others = hub.poll(bob, { cursor });
  await settle();

  await hub.hub.accounts.signOut(alice);

  assertEquals((await Promise.all(polls)).map(({ reason }) => reason), [
    "signed_out",
    "signed_out",
  ]);
  assertEquals(hub.hub.parked, 1);
  await hub.say(bob, "room:tea", "hello");
  assertEquals(texts(await others), ["hello"]);
});

for (const after of [1_000, 5_000]) {
  Deno.test(`[P16] a client that leaves after ${after} ms gives its seat free`, async () => {
    using clock = stopClock();
    await using hub = await TestHub.open();
    const alice = await hub.signIn("alice");
    const cursor = await hub.cursor(alice);
    const leaving = new AbortController();
    const request = new Request("http://halley.test", { signal: leaving.signal });
    const poll = assertRejects(
      () => hub.poll(alice, { cursor, connection: request }),
      Error,
      "has left",
    );
    await clock.pass(after);
    assertEquals(hub.hub.parked, 1);

    leaving.abort();
    await clock.pass(4_500);

    assertEquals(hub.hub.parked, 0);
    await poll;
  });
}

Deno.test("[P19] more polls than there are seats for are refused", async () => {
  await using hub = await TestHub.open({
    waiting: { seats: 1, tabsPerSession: 8, tabsPerNetwork: 8 },
  });
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const cursor = await hub.cursor(alice);
  const parked = hub.poll(alice, { cursor });
  await settle();

  const refused = await assertRejects(() => hub.poll(bob, { cursor }), Refused);
  await hub.say(bob, "room:tea", "hello");

  assertEquals(refused.refusal, "too_many_polls");
  assertEquals(texts(await parked), ["hello"]);
});
