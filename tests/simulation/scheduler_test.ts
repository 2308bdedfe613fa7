import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Scheduler } from "./scheduler.ts";
import { Timers } from "./timers.ts";
import { TrappedGlobals } from "./trap_globals.ts";

Deno.test("[K18] the same seed gives the same events, another seed another order", async () => {
  const hashes = await Promise.all([7, 7, 8].map(async (seed) => {
    const scheduler = new Scheduler(seed);
    for (let n = 0; n < 20; n++) scheduler.actor(`tab ${n}`).after(100, "knocks", () => {});
    await scheduler.runUntil(1_000);
    return scheduler.trace.hash;
  }));

  assertEquals(hashes[0], hashes[1]);
  assertNotEquals(hashes[0], hashes[2]);
});

Deno.test("[K19] what an event causes without waiting happens before the next event", async () => {
  const scheduler = new Scheduler(1);
  const [one, other] = [scheduler.actor("one"), scheduler.actor("other")];
  const seen: string[] = [];
  one.after(10, "starts", async () => {
    for (let turn = 0; turn < 50; turn++) await undefined;
    seen.push("one");
  });
  other.after(10.001, "starts", () => seen.push("other"));

  await scheduler.runUntil(1_000);

  assertEquals(seen, ["one", "other"]);
  assertEquals(scheduler.now, 1_000);
});

Deno.test("[K20] the code of a crashed actor never continues", async () => {
  const scheduler = new Scheduler(1);
  const node = scheduler.actor("node 1");
  const seen: string[] = [];
  const work = async () => {
    seen.push("reads");
    await node.later(10, "has read", () => {});
    seen.push("writes");
  };
  work();
  scheduler.actor("world").after(5, "cuts the power", () => node.crash());

  await scheduler.runUntil(1_000);

  assertEquals(seen, ["reads"]);
});

Deno.test("[K20] what is due while an actor is paused happens later, in the same order", async () => {
  const scheduler = new Scheduler(1);
  const laptop = scheduler.actor("laptop");
  const timers = new Timers(laptop);
  const seen: [number, number][] = [];
  for (const ms of [30, 10, 20]) {
    timers.setTimeout(() => void seen.push([ms, scheduler.now]), ms);
  }
  laptop.pause();
  scheduler.actor("user").after(500, "opens the lid", () => laptop.resume());

  await scheduler.runUntil(1_000);

  assertEquals(seen, [[10, 500], [20, 500], [30, 500]]);
});

Deno.test("[K19] an interval repeats until it is cleared, also by itself", async () => {
  const scheduler = new Scheduler(1);
  const timers = new Timers(scheduler.actor("tab"));
  const seen: number[] = [];
  const interval = timers.setInterval(() => {
    seen.push(scheduler.now);
    if (seen.length === 3) timers.clearInterval(interval);
  }, 100);

  await scheduler.runUntil(1_000);

  assertEquals(seen, [100, 200, 300]);
});

Deno.test("[K21] the real clock and the real random source cannot be used in a simulation", () => {
  using globals = new TrappedGlobals();

  for (
    const use of [
      () => Date.now(),
      () => new Date(),
      () => performance.now(),
      () => Math.random(),
      () => crypto.randomUUID(),
      () => crypto.getRandomValues(new Uint8Array(1)),
      () => setTimeout(() => {}, 1),
    ]
  ) assertThrows(use, Error, "is used in a simulation");
  assertEquals(new Date(0).getTime(), 0);
  assertThrows(() => globals.assertUnused(), Error, "Date.now()");
});
