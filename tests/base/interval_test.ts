import { assertEquals } from "@std/assert";
import { startIntervalJob } from "../../server/base/interval.ts";
import { stopClock } from "../support/clock.ts";
import { TestHub } from "../support/hub.ts";

/** For tasks that do not fail. */
const NO_ERRORS = (error: unknown) => {
  throw error;
};

Deno.test("[O10] an interval job runs once per interval, first after one interval", async () => {
  using clock = stopClock();
  let runs = 0;
  const task = () => Promise.resolve(void runs++);
  await using _job = startIntervalJob(task, { intervalMs: 10_000, onError: NO_ERRORS });

  await clock.pass(9_999);
  assertEquals(runs, 0);
  await clock.pass(1);
  assertEquals(runs, 1);
  await clock.pass(20_000);
  assertEquals(runs, 3);
});

Deno.test("[O10] an interval job does not start again while it is running", async () => {
  using clock = stopClock();
  const long = Promise.withResolvers<void>();
  let runs = 0;
  const task = () => runs++ === 0 ? long.promise : Promise.resolve();
  await using _job = startIntervalJob(task, { intervalMs: 10_000, onError: NO_ERRORS });

  await clock.pass(50_000);
  assertEquals(runs, 1);
  long.resolve();
  await clock.pass(10_000);
  assertEquals(runs, 2);
});

Deno.test("[O10] an interval job reports an error and runs again", async () => {
  using clock = stopClock();
  const errors: unknown[] = [];
  const task = () => Promise.reject("the tea is cold");
  await using _job = startIntervalJob(task, {
    intervalMs: 10_000,
    onError: (error) => errors.push(error),
  });

  await clock.pass(20_000);

  assertEquals(errors, ["the tea is cold", "the tea is cold"]);
});

Deno.test("[O10] an interval job reports an error that is thrown synchronously, and runs again", async () => {
  using clock = stopClock();
  const errors: unknown[] = [];
  const task = () => {
    throw "no tea at all";
  };
  await using _job = startIntervalJob(task, {
    intervalMs: 10_000,
    onError: (error) => errors.push(error),
  });

  await clock.pass(20_000);

  assertEquals(errors, ["no tea at all", "no tea at all"]);
});

Deno.test("[O10] a disposed interval job does not run again", async () => {
  using clock = stopClock();
  let runs = 0;
  const task = () => Promise.resolve(void runs++);
  const job = startIntervalJob(task, { intervalMs: 10_000, onError: NO_ERRORS });
  await clock.pass(10_000);

  job[Symbol.asyncDispose]();
  await clock.pass(50_000);

  assertEquals(runs, 1);
});

Deno.test("[O10] the sweep ends presences that are not renewed", async () => {
  using clock = stopClock();
  await using test = await TestHub.open();
  await using _job = startIntervalJob(() => test.hub.sweep(), {
    intervalMs: 10_000,
    onError: NO_ERRORS,
  });
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  await test.poll(bob, { channels: ["room:tea"], hold: 25_000 });

  // The hold of 25 s, 15 s of grace, and an interval until the next run.
  await clock.pass(50_000);

  assertEquals((await test.hub.channelPresence.list(alice, "room:tea")).total, 0);
});

Deno.test("[O10] the sweep removes expired messages", async () => {
  using clock = stopClock();
  await using test = await TestHub.open({ retention: { maxAgeMs: 60_000 } });
  await using _job = startIntervalJob(() => test.hub.sweep(), {
    intervalMs: 10_000,
    onError: NO_ERRORS,
  });
  const alice = await test.signIn("alice");
  await test.say(alice, "room:tea", "old");
  await clock.pass(40_000);
  await test.say(alice, "room:tea", "young");

  await clock.pass(40_000);

  const { messages } = await test.hub.history.page(alice, "room:tea", { limit: 50 });
  assertEquals(messages.map(({ text }) => text), ["young"]);
});

Deno.test("[O10] the sweep removes inactive sessions", async () => {
  using clock = stopClock();
  await using test = await TestHub.open({ sessionAge: 60_000 });
  await using _job = startIntervalJob(() => test.hub.sweep(), {
    intervalMs: 10_000,
    onError: NO_ERRORS,
  });
  const { privateToken } = await test.hub.signIn("alice");

  await clock.pass(70_000);
  await clock.pass(10_000);

  assertEquals(await test.hub.sessions.authenticate(privateToken), undefined);
});
