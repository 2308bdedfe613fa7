import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { formatCursor } from "../../../server/protocol/cursor.ts";
import { Refused } from "../../../server/core/model/refused.ts";
import { stopClock } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";

Deno.test("[S1] signing in gives two tokens and the name", async () => {
  await using hub = await TestHub.open();

  const signedIn = await hub.hub.signIn(" alice ");

  assertMatch(signedIn.publicToken, /^[A-Za-z0-9_-]{16}$/);
  assertMatch(signedIn.privateToken, /^[A-Za-z0-9_-]{32}$/);
  assertEquals(signedIn.displayName, "alice");
});

Deno.test("[S1] no two tokens are alike", async () => {
  await using hub = await TestHub.open();

  const sessions = await Promise.all(Array.from({ length: 500 }, () => hub.hub.signIn("alice")));

  const tokens = sessions.flatMap(({ publicToken, privateToken }) => [publicToken, privateToken]);
  assertEquals(new Set(tokens).size, 1_000);
});

Deno.test("[S2] a private token is known until its session signs out", async () => {
  await using hub = await TestHub.open();
  const { privateToken, publicToken } = await hub.hub.signIn("alice");
  const session = (await hub.hub.sessions.authenticate(privateToken))!;
  assertEquals(session.publicToken, publicToken);
  assertEquals(await hub.hub.sessions.authenticate(publicToken), undefined);

  await hub.hub.accounts.signOut(session);

  assertEquals(await hub.hub.sessions.authenticate(privateToken), undefined);
  assertEquals(await hub.hub.sessions.find(publicToken), undefined);
});

Deno.test("[S2] a private token is known to another process of the same store", async () => {
  await using hub = await TestHub.open();
  const { privateToken } = await hub.hub.signIn("alice");

  const again = await TestHub.open({}, hub.store);

  assertEquals((await again.hub.sessions.authenticate(privateToken))?.displayName, "alice");
  await again.hub[Symbol.asyncDispose]();
});

Deno.test("[F4] a node that has missed that sessions have ended refuses them", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const { sessions } = hub.hub;
  const [alice, bob] = [await hub.hub.signIn("alice"), await hub.hub.signIn("bob")];
  for (const { privateToken } of [alice, bob]) await sessions.authenticate(privateToken);
  // As another node does whose event gets lost.
  for (const { publicToken } of [alice, bob]) await hub.store.sessions.remove(publicToken);

  await clock.pass(50_000);
  assertEquals((await sessions.authenticate(alice.privateToken))?.displayName, "alice");
  await clock.pass(11_000);
  await sessions.authenticate(alice.privateToken);
  await clock.pass(0);
  assertEquals(await sessions.authenticate(alice.privateToken), undefined);
  await clock.pass(60_000);
  assertEquals(await sessions.authenticate(bob.privateToken), undefined);
});

Deno.test("[S4] a session that was not seen for its time is removed", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open({ sessionAge: 3_600_000 });
  const [alice, bob] = [await hub.hub.signIn("alice"), await hub.hub.signIn("bob")];
  await clock.pass(1_800_000);
  await hub.hub.sessions.authenticate(bob.privateToken);
  await hub.hub.sweep();
  await clock.pass(1_800_001);

  await hub.hub.sweep();

  assertEquals(await hub.hub.sessions.authenticate(alice.privateToken), undefined);
  assertEquals((await hub.hub.sessions.authenticate(bob.privateToken))?.displayName, "bob");
});

Deno.test("[P15] a poll whose session ends before it is parked is not held", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  // Such a cursor has the log asked whether it has grown so far elsewhere.
  const cursor = formatCursor({ epoch: hub.store.log.epoch, id: 7 });
  const newest = Promise.withResolvers<number>();
  hub.store.log.newestId = () => newest.promise;
  const poll = hub.poll(alice, { cursor });

  await hub.hub.accounts.signOut(alice);
  newest.resolve(0);

  const { refusal } = await assertRejects(() => poll, Refused);
  assertEquals([refusal, hub.hub.parked], ["not_signed_in", 0]);
});

Deno.test("[S5] when no session can be stored, a guest takes the place of those who made no request", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open({ max: { sessions: 3, rooms: 10 } });
  const { hub: { sessions } } = hub;
  const unused = [await hub.hub.signIn("one"), await hub.hub.signIn("two")];
  const { privateToken } = await hub.hub.signIn("alice");
  await clock.pass(1);
  const alice = (await sessions.authenticate(privateToken))!;

  await assertRejects(() => hub.hub.signIn("bob"), Refused, "session limit");
  await clock.pass(130_000);
  await hub.hub.signIn("bob");

  assertEquals(await sessions.authenticate(unused[0]!.privateToken), undefined);
  assertEquals(await sessions.authenticate(unused[1]!.privateToken), undefined);
  assertEquals((await sessions.authenticate(privateToken))?.publicToken, alice.publicToken);
});

Deno.test("[S5] sessions that have made a request stay, also if another node knows of it", async () => {
  using clock = stopClock();
  const max = { sessions: 2, rooms: 10 };
  await using one = await TestHub.open({ max });
  const other = await TestHub.open({ max }, one.store);
  const [alice, bob] = [await one.hub.signIn("alice"), await one.hub.signIn("bob")];
  await clock.pass(1);
  await one.hub.sessions.authenticate(alice.privateToken);
  await other.hub.sessions.authenticate(bob.privateToken);
  await clock.pass(1_000);
  await other.hub.sessions.sweep(0);
  await clock.pass(130_000);

  await assertRejects(() => one.hub.signIn("carol"), Refused, "session limit");

  assertEquals(await one.store.sessions.count(), 2);
  await other.hub[Symbol.asyncDispose]();
});
