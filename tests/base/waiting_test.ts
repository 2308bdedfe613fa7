import { assertEquals, assertRejects } from "@std/assert";
import { deadline, TimeoutError } from "../../server/base/deadline.ts";
import { delay } from "../../server/base/delay.ts";
import { Wakeup } from "../../server/base/wakeup.ts";
import { stopClock } from "../support/clock.ts";

Deno.test("[O18] a delay ends with its time, or when its signal is aborted, and leaves no timer", async () => {
  using clock = stopClock();
  const stop = new AbortController();
  const ended: string[] = [];
  delay(1_000).then(() => ended.push("short"));
  delay(5_000, stop.signal).then(() => ended.push("long"));

  await clock.pass(1_000);
  assertEquals(ended, ["short"]);
  stop.abort();
  await clock.pass(0);

  assertEquals([ended, clock.timers], [["short", "long"], 0]);
});

Deno.test("[O18] a deadline rejects what takes too long, and leaves no timer", async () => {
  using clock = stopClock();
  const late = assertRejects(
    () => deadline(new Promise(() => {}), 1_000),
    TimeoutError,
    "no answer within 1000 ms",
  );

  assertEquals(await deadline(Promise.resolve("tea"), 1_000), "tea");
  await clock.pass(1_000);

  await late;
  assertEquals(clock.timers, 0);
});

Deno.test("[O18] a loop that waits is woken, or goes on after its time", async () => {
  using clock = stopClock();
  const wakeup = new Wakeup();
  let rounds = 0;
  const wait = (ms?: number) => wakeup.wait(ms).then(() => rounds++);

  wait(1_000);
  await clock.pass(1_000);
  assertEquals(rounds, 1);
  wait(1_000);
  wakeup.wake();
  await clock.pass(0);

  assertEquals([rounds, clock.timers], [2, 0]);
});

Deno.test("[O18] a wake-up that comes while a loop works ends its next wait", async () => {
  const wakeup = new Wakeup();

  wakeup.wake();
  wakeup.wake();
  await wakeup.wait();
  const isAwake = await Promise.race([wakeup.wait().then(() => true), delay(1)]);

  assertEquals(isAwake, undefined);
});
