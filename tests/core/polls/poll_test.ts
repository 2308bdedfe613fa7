import { assert, assertEquals } from "@std/assert";
import { settle, stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";

Deno.test("[P1] a poll without a cursor is answered at once with the newest place", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.say(alice, "room:tea", "hello");

  const answer = await hub.poll(alice);

  assertEquals(answer.outcome, "timedout");
  assertEquals(answer.messages, []);
  assertEquals(answer.cursor, `${hub.store.log.epoch}.1`);
});

Deno.test("[P2] a poll waits until the first message comes", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const poll = hub.poll(bob, { cursor: await hub.cursor(bob), hold: 25_000 });
  await clock.pass(10_000);
  assertEquals(hub.hub.parked, 1);

  await hub.say(alice, "room:tea", "hello");

  assertEquals((await poll).outcome, "message");
  assertEquals(texts(await poll), ["hello"]);
  assertEquals(hub.hub.parked, 0);
});

Deno.test("[P3] what came after the cursor is given at once, oldest first", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  await hub.say(alice, "room:tea", "one");
  await hub.say(alice, "room:tea", "two");

  const answer = await hub.poll(alice, { cursor });

  assertEquals(texts(answer), ["one", "two"]);
});

Deno.test("[P4] a poll held to its end is answered timedout, with the newest place", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const poll = hub.poll(bob, { cursor: await hub.cursor(bob), channels: ["room:milk"] });
  await settle();
  const { id } = await hub.say(alice, "room:tea", "not for bob");

  await clock.pass(26_000);

  assertEquals((await poll).outcome, "timedout");
  assertEquals((await poll).cursor, `${hub.store.log.epoch}.${id}`);
});

for (
  const { asked, least, most } of [
    { asked: -1e300, least: 900, most: 1_000 },
    { asked: 1, least: 900, most: 1_000 },
    { asked: 10_000, least: 9_000, most: 10_000 },
    { asked: 1e9, least: 49_500, most: 55_000 },
  ]
) {
  Deno.test(`[P5] a poll that asks for ${asked} ms is held ${least} to ${most} ms`, async () => {
    using clock = stopClock();
    await using hub = await TestHub.open();
    const alice = await hub.signIn("alice");
    const poll = hub.poll(alice, { cursor: await hub.cursor(alice), hold: asked });

    await clock.pass(least - 1);
    assertEquals(hub.hub.parked, 1);
    await clock.pass(most - least + 501);

    assertEquals(hub.hub.parked, 0);
    assertEquals((await poll).outcome, "timedout");
  });
}

Deno.test("[P6] direct messages reach a poll that names nothing", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const poll = hub.poll(bob, { cursor: await hub.cursor(bob), channels: [] });

  await hub.say(alice, `direct:${bob.publicToken}`, "psst");

  assertEquals(texts(await poll), ["psst"]);
});

Deno.test("[P6] notices reach a poll that names nothing", async () => {
  await using hub = await TestHub.open();
  const bob = await hub.signIn("bob");
  const cursor = await hub.cursor(bob);
  const channels = ["notice", `notice:${bob.publicToken}`, "notice:someone_else_x"];

  for (const channel of channels) await hub.store.log.append([{ channel, text: channel }]);

  assertEquals(texts(await hub.poll(bob, { cursor, channels: [] })), channels.slice(0, 2));
});

Deno.test("[P7] a message elsewhere does not wake a poll", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const carol = await hub.signIn("carol");
  const poll = hub.poll(bob, { cursor: await hub.cursor(bob), channels: ["room:tea"] });

  await hub.say(alice, "room:milk", "not for bob");
  await hub.say(alice, `direct:${carol.publicToken}`, "not for bob");
  await settle();
  assertEquals(hub.hub.parked, 1);
  await hub.say(alice, "room:tea", "for bob");

  assertEquals(texts(await poll), ["for bob"]);
});

Deno.test("[P8] a reply that was lost is given again", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  await hub.say(alice, "room:tea", "hello");

  const lost = await hub.poll(alice, { cursor });
  const again = await hub.poll(alice, { cursor });

  assertEquals(again, lost);
  assertEquals(texts(again), ["hello"]);
});

Deno.test("[P9] a reply holds at most 100 messages, and the next poll gets the rest", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  for (let n = 1; n <= 130; n++) await hub.say(alice, "room:tea", `${n}`);

  const first = await hub.poll(alice, { cursor });
  const second = await hub.poll(alice, { cursor: first.cursor });

  assertEquals(texts(first).length, 100);
  assertEquals(texts(second).length, 30);
  assertEquals([first.more, second.more], [true, undefined]);
  assertEquals(texts(second).at(-1), "130");
});

Deno.test("[P9] a reply holds at most 256 KiB of messages", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  for (let n = 0; n < 40; n++) await hub.say(alice, "room:tea", "a".repeat(8_000));

  const first = await hub.poll(alice, { cursor });
  const second = await hub.poll(alice, { cursor: first.cursor });

  assert(JSON.stringify(first.messages).length <= 256 * 1024 + 100);
  assertEquals(first.messages.length, 32);
  assertEquals(second.messages.length, 8);
  assertEquals([first.more, second.more], [true, undefined]);
});

Deno.test("[P10] an added room is answered as if it had always been read", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const cursor = await hub.cursor(alice);
  await hub.say(alice, "room:milk", "hello");

  const answer = await hub.poll(alice, { cursor, channels: ["room:tea", "room:milk"] });

  assertEquals(texts(answer), ["hello"]);
});

Deno.test("[P11] messages that come together share one reply", async () => {
  await using hub = await TestHub.open();
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const poll = hub.poll(bob, { cursor: await hub.cursor(bob) });
  await settle();

  await Promise.all(["one", "two", "three"].map((text) => hub.say(alice, "room:tea", text)));

  assertEquals(texts(await poll), ["one", "two", "three"]);
});

Deno.test("[P3] what is appended while a store reads one topic after the other is not passed over", async () => {
  // A window of one message: who is behind is served by the store.
  await using hub = await TestHub.open({ window: { messages: 1, bytes: 1_000 } });
  const alice = await hub.signIn("alice");
  const channels = ["room:tea", "room:milk"];
  const cursor = await hub.cursor(alice);
  for (const text of ["one", "two"]) await hub.say(alice, "room:tea", text);
  const { log } = hub.store;
  const read = log.read.bind(log);
  log.read = async (_topics, after, limit) => {
    log.read = read;
    const milk = await read(["room:milk"], after, limit);
    await hub.say(alice, "room:milk", "three");
    await hub.say(alice, "room:tea", "four");
    const tea = await read(["room:tea"], after, limit);
    return { ...tea, messages: [...milk.messages, ...tea.messages] };
  };

  const first = await hub.poll(alice, { cursor, channels });
  const second = await hub.poll(alice, { cursor: first.cursor, channels });

  assertEquals([texts(first), texts(second)], [["one", "two"], ["three", "four"]]);
});
