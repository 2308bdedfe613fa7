import { assertEquals } from "@std/assert";
import { run } from "./run.ts";

Deno.test("[K18] a run with the same seed is the same, event by event", async () => {
  const one = await run({ seed: 7 });
  const other = await run({ seed: 7 });

  assertEquals(one.hash, other.hash);
});

Deno.test("[K22] whatever goes wrong in simulated runs, no rule is broken", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { violations, story } = await run({ seed });

    assertEquals(violations, [], `seed ${seed}\n${story}`);
  }
});

Deno.test("[K80] in simulated runs in which everyone has tokens that expire, no rule is broken", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { violations, story } = await run({ seed, tokens: true });

    assertEquals(violations, [], `seed ${seed}\n${story}`);
  }
});

Deno.test("[K81] in simulated runs in which everyone has a room as a visitor, no rule is broken", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { violations, story } = await run({ seed, visitors: true, webhooks: true });

    assertEquals(violations, [], `seed ${seed}\n${story}`);
  }
});
