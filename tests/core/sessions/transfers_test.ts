import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Refused } from "../../../server/core/model/refused.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { erase, startJob } from "../hub/erasing.ts";
import { TestHub } from "../../support/hub.ts";
import { WorkerHubs } from "../../support/worker_hubs.ts";

async function refusalOf(work: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(work, Refused)).refusal;
}

Deno.test("[S9] a code gives another private token of the same session", async () => {
  await using hub = await TestHub.open();
  const { sessions, accounts: { transfers } } = hub.hub;
  const { privateToken, publicToken } = await hub.hub.signIn("alice");
  const alice = (await sessions.authenticate(privateToken))!;

  const { code } = await transfers.create(alice);
  const taken = await transfers.use(code);

  assertMatch(code, /^[\w-]{16}\.[\w-]{32}$/);
  assertEquals([taken.publicToken, taken.displayName], [publicToken, "alice"]);
  assertEquals((await sessions.authenticate(taken.privateToken))?.publicToken, publicToken);
  assertEquals((await sessions.authenticate(privateToken))?.publicToken, publicToken);
});

Deno.test("[S9] asking whose code it is does not use it up", async () => {
  await using hub = await TestHub.open();
  const { transfers } = hub.hub.accounts;
  const alice = await hub.signIn("alice");
  const { code } = await transfers.create(alice);

  const found = [await transfers.find(code), await transfers.find(code)];

  assertEquals(found, [alice.person, alice.person]);
  assertEquals((await transfers.use(code)).publicToken, alice.publicToken);
});

Deno.test("[S9] a code is used once, also by two devices at the same time at two nodes", async () => {
  await using hubs = await WorkerHubs.open();
  const alice = await hubs.signIn("alice");
  const { code } = await hubs.left.hub.accounts.transfers.create(alice.left);

  const attempts = await Promise.allSettled(
    [hubs.left, hubs.right].map(({ hub }) => hub.accounts.transfers.use(code)),
  );

  assertEquals(attempts.filter(({ status }) => status === "fulfilled").length, 1);
  assertEquals(await refusalOf(() => hubs.right.hub.accounts.transfers.use(code)), "not_signed_in");
  assertEquals(
    await refusalOf(() => hubs.right.hub.accounts.transfers.find(code)),
    "not_signed_in",
  );
});

Deno.test("[S9] a code is valid after a restart, for ten minutes", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const { code, expires } = await hub.hub.accounts.transfers.create(await hub.signIn("alice"));
  assertEquals(expires - Date.now(), 600_000);
  const again = await TestHub.open({}, hub.store);
  const { transfers } = again.hub.accounts;

  await clock.pass(599_000);
  assertEquals((await transfers.find(code)).displayName, "alice");
  await clock.pass(1_000);

  assertEquals(await refusalOf(() => transfers.find(code)), "not_signed_in");
  assertEquals(await refusalOf(() => transfers.use(code)), "not_signed_in");
  await again.hub[Symbol.asyncDispose]();
});

Deno.test("[S9] only the newest code of a session is valid", async () => {
  await using hub = await TestHub.open();
  const { transfers } = hub.hub.accounts;
  const alice = await hub.signIn("alice");
  const older = await transfers.create(alice);
  const newer = await transfers.create(alice);

  assertEquals(await refusalOf(() => transfers.use(older.code)), "not_signed_in");
  assertEquals((await transfers.use(newer.code)).displayName, "alice");
});

Deno.test("[S10] wrong codes, and those of sessions that have ended, are refused", async () => {
  await using hub = await TestHub.open();
  const { accounts, accounts: { transfers } } = hub.hub;
  const [alice, bob] = [await hub.signIn("alice"), await hub.signIn("bob")];
  const { code } = await transfers.create(alice);
  const [, secret] = code.split(".");
  const ofBob = await transfers.create(bob);
  await accounts.signOut(bob);

  for (
    const wrong of [
      "",
      alice.publicToken,
      `${code}x`,
      `${alice.publicToken}.${"A".repeat(32)}`,
      `${bob.publicToken}.${secret}`,
      ofBob.code,
    ]
  ) {
    assertEquals(await refusalOf(() => transfers.find(wrong)), "not_signed_in", wrong);
    assertEquals(await refusalOf(() => transfers.use(wrong)), "not_signed_in", wrong);
  }

  assertEquals((await transfers.use(code)).displayName, "alice");
});

Deno.test("[S11] the store has no code in plain text, and loses it when it has expired", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  const name = `transfer.${alice.publicToken}`;
  const { code } = await hub.hub.accounts.transfers.create(alice);
  const [, secret = ""] = code.split(".");

  const stored = await hub.store.keyValue.get(name);

  assertEquals(stored?.includes(secret), false);
  await clock.pass(601_000);
  await settle();
  assertEquals(await hub.store.keyValue.get(name), undefined);
});

Deno.test("[S11] the code of a person who is erased is erased", async () => {
  using clock = stopClock();
  await using hub = await TestHub.open();
  await using _ = startJob(hub);
  const alice = await hub.signIn("alice");
  await hub.hub.accounts.transfers.create(alice);

  await erase(hub, clock, alice);

  assertEquals(await hub.store.keyValue.get(`transfer.${alice.publicToken}`), undefined);
});

Deno.test("[S8] a user of an application gets no code", async () => {
  await using hub = await TestHub.open();
  const { privateToken } = await hub.hub.signInUser("42", "alice");
  const alice = (await hub.hub.sessions.authenticate(privateToken))!;

  assertEquals(await refusalOf(() => hub.hub.accounts.transfers.create(alice)), "not_allowed");
});
