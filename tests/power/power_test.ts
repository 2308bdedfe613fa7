import { assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { cutPower } from "./power_cuts.ts";
import { powerTest } from "./power_test_case.ts";

/** How often the power is cut, for each number of workers. */
const CUTS = Deno.env.get("HALLEY_LONG") === "1" ? 200 : 6;

const SEED = Number(Deno.env.get("POWER_SEED") ?? 7);

/** How a loss is reported. */
const LOSS = /is missing|signed in again|is forgotten|read marker is|was replaced/;

for (const workers of [1, 2]) {
  powerTest(
    `[O22] after ${CUTS} power cuts with ${workers} workers, whatever was acknowledged is there, once and in order`,
    async () => {
      const settings = { WORKERS: String(workers) };

      const { findings, acknowledged, met } = await cutPower({ cuts: CUTS, seed: SEED, settings });

      console.log(`acknowledged: ${acknowledged}; cuts: ${JSON.stringify(met)}`);
      assertEquals(findings, []);
      assertGreaterOrEqual(acknowledged, CUTS);
    },
  );
}

powerTest(
  "[O22] over a Deno KV file, too, whatever was acknowledged survives power cuts",
  async () => {
    const settings = { STORE: "kv:data/halley.kv" };

    const { findings } = await cutPower({ cuts: CUTS / 2, seed: SEED, settings });

    assertEquals(findings, []);
  },
);

powerTest(
  "[O22] if commits are not synced, something that was acknowledged is missing",
  async () => {
    const settings = { POWER_LIE: "-wal" };

    const { findings } = await cutPower({ cuts: 40, seed: SEED, settings });

    assertMatch(findings.join("\n"), LOSS);
  },
);

powerTest(
  "[O22] if nothing is synced, something that was acknowledged is missing, or the whole database",
  async () => {
    const settings = { POWER_LIE: "" };

    const { findings } = await cutPower({ cuts: 40, seed: SEED, settings });

    assertMatch(
      findings.join("\n"),
      new RegExp(`${LOSS.source}|file is not a database|is malformed`),
    );
  },
);
