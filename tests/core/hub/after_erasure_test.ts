import { assert, assertEquals } from "@std/assert";
import { stopClock } from "../../support/clock.ts";
import { TestHub } from "../../support/hub.ts";
import { erase, everything, finish, refusalOf, startJob } from "./erasing.ts";

Deno.test("[M54] what a node has accepted that missed the event is erased some minutes later", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _ = startJob(test);
  const alice = await test.signIn("alice");
  await erase(test, clock, alice);

  await test.store.log.append([{ channel: "room:tea", from: alice.person, text: "late" }]);
  for (let n = 0; n < 50; n++) await clock.pass(5_000);

  assert(!(await everything(test)).includes("late"));
  assertEquals((await test.hub.erasures.get(alice.publicToken)).erased, 1);
});

Deno.test("[M54] what a user writes who has come back after an erasure stays", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _ = startJob(test);
  const { hub } = test;
  const { publicToken } = await hub.signInUser("42", "alice");
  await hub.erasures.eraseUser("42");
  await finish(test, clock, publicToken);
  await hub.signInUser("42", "alice");
  const alice = await hub.sessions.find(publicToken);
  assert(alice);

  await test.say(alice, "room:tea", "back");
  for (let n = 0; n < 50; n++) await clock.pass(5_000);

  assert((await everything(test)).includes("back"));
});

Deno.test("[M52] an erasure can be asked for during 30 days", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _ = startJob(test);
  const alice = await test.signIn("alice");
  await erase(test, clock, alice);
  clock.jump(29 * 86_400_000);
  for (let n = 0; n < 5; n++) await clock.pass(5_000);
  assertEquals((await test.hub.erasures.get(alice.publicToken)).state, "done");

  clock.jump(2 * 86_400_000);
  for (let n = 0; n < 5; n++) await clock.pass(5_000);

  assertEquals(await refusalOf(() => test.hub.erasures.get(alice.publicToken)), "not_found");
  assertEquals(await test.store.keyValue.get("erasures"), "[]");
});

Deno.test("[M55] queued webhooks of a person are erased, and the trace of what the person did", async () => {
  using clock = stopClock();
  await using test = await TestHub.open({ traceBytes: 1e6 });
  await using _ = startJob(test);
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  for (const session of [alice, bob]) await test.poll(session);
  await test.say(bob, `direct:${alice.publicToken}`, "psst");
  const tasks = [alice, bob].map((from) => ({
    due: 1e15,
    tries: 0,
    body: JSON.stringify({ from }),
  }));
  await test.store.queue.add(tasks, 100);

  await erase(test, clock, alice);

  const left = await test.store.queue.listDue(1e16, 10);
  assertEquals(left.map(({ body }) => body), [tasks[1]?.body]);
  assertEquals((await test.hub.traces.ofSession(alice.publicToken)).events, []);
  assert((await test.hub.traces.ofSession(bob.publicToken)).events.length > 0);
});
