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

for (
  const [rule, what, options] of [
    ["K80", "everyone is a user of an application whose tokens expire", { tokens: true }],
    ["K81", "everyone has a room as a visitor", { visitors: true, webhooks: true }],
  ] as const
) {
  Deno.test(`[${rule}] in simulated runs in which ${what}, no rule is broken`, async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { violations, story } = await run({ seed, ...options });

      assertEquals(violations, [], `seed ${seed}\n${story}`);
    }
  });
}
