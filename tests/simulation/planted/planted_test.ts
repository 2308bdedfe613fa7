import { assert } from "@std/assert";
import { run } from "../run.ts";
import { CLIENT_BUGS } from "./client_bugs.ts";
import type { PlantedBug } from "./planted_bug.ts";
import { SERVER_BUGS } from "./server_bugs.ts";
import { TOKEN_BUGS } from "./token_bugs.ts";
import { VISITOR_BUGS } from "./visitor_bugs.ts";
import { WORKER_BUGS } from "./worker_bugs.ts";

/** Each bug must be found by one of this number of seeds. */
const SEEDS = 1_000;

for (
  const bug of [...SERVER_BUGS, ...CLIENT_BUGS, ...TOKEN_BUGS, ...VISITOR_BUGS, ...WORKER_BUGS]
) {
  Deno.test(`[K23] the simulation finds a planted bug: ${bug.name}`, async () => {
    const found = await find(bug);

    assert(found !== undefined, `${SEEDS} seeds have not found it`);
    assert(found.rules.some((rule) => bug.rules.includes(rule)), found.rules.join());
  });
}

/** The first seed that breaks a rule. */
async function find({ options, plant }: PlantedBug) {
  using _ = plant?.();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violations } = await run({ ...options, seed });
    if (violations.length > 0) {
      return { seed, rules: violations.map(({ rule }) => rule) };
    }
  }
}
