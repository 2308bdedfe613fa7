import { assertEquals } from "@std/assert";
import { run } from "../run.ts";

const KINDS = [
  { store: "kv", nodes: 1 },
  { store: "kv", nodes: 2 },
  { store: "nats", nodes: 1 },
  { store: "nats", nodes: 3 },
  { store: "nats", nodes: 2, loses: true },
] as const;

for (const kind of KINDS) {
  const loss = "loses" in kind ? ", which loses acknowledged messages" : "";
  const name = `${kind.nodes} nodes, ${kind.store}${loss}`;

  Deno.test(`[K18] a run with the same seed is the same, event by event (${name})`, async () => {
    const one = await run({ seed: 7, ...kind });
    const other = await run({ seed: 7, ...kind });

    assertEquals(one.hash, other.hash);
  });

  Deno.test(`[K22] whatever goes wrong in simulated runs, no rule is broken (${name})`, async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const { violations, story } = await run({ seed, ...kind });

      assertEquals(violations, [], `seed ${seed}\n${story}`);
    }
  });
}
