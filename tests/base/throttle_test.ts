import { assertEquals } from "@std/assert";
import { Throttle } from "../../server/base/throttle.ts";
import { stopClock } from "../support/clock.ts";

Deno.test("[O18] a throttle allows the first calls of a window, for each key", async () => {
  using clock = stopClock();
  const throttle = new Throttle({ windowMs: 10_000, max: 2 });
  const allow = () => ["tea", "tea", "tea", "milk"].map((key) => throttle.allow(key));

  assertEquals(allow(), [true, true, false, true]);
  await clock.pass(9_999);
  assertEquals(allow(), [false, false, false, true]);
  await clock.pass(1);
  assertEquals(allow(), [true, true, false, true]);
});

Deno.test("[O18] a throttle that is reset allows everything again", () => {
  const throttle = new Throttle({ windowMs: 10_000 });
  assertEquals([throttle.allow(), throttle.allow()], [true, false]);

  throttle.reset();

  assertEquals(throttle.allow(), true);
});
