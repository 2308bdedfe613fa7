import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { networkFaults, restarts } from "./schedule.ts";

Deno.test("[K61] the seed and the reader alone decide its faults", () => {
  const faults = networkFaults(1, 7, 60_000);

  assertEquals(networkFaults(1, 7, 60_000), faults);
  assertNotEquals(networkFaults(1, 8, 60_000), faults);
  assertNotEquals(networkFaults(2, 7, 60_000), faults);
  assertEquals(networkFaults(1, 7, 30_000), faults.filter(({ at }) => at < 30_000));
});

Deno.test("[K61] the faults of a reader do not overlap, and all kinds occur", () => {
  const kinds = new Set<string>();
  for (let reader = 0; reader < 50; reader++) {
    let free = 0;
    for (const { kind, at, lasts } of networkFaults(1, reader, 60_000)) {
      assert(at >= free);
      free = at + lasts;
      kinds.add(kind);
    }
  }

  assertEquals([...kinds].sort(), ["cut", "dead", "offline", "slow"]);
});

Deno.test("[K61] a server is killed and stopped in turn, at times that the seed decides", () => {
  const list = restarts(1, 60_000);

  assertEquals(restarts(1, 60_000), list);
  assertEquals(list.slice(0, 3).map(({ signal }) => signal), ["SIGKILL", "SIGTERM", "SIGKILL"]);
  assert(list.every(({ at }, n) => n === 0 || at - (list[n - 1]?.at ?? 0) >= 8_000));
});
