import { parseArgs } from "node:util";
import { Coverage } from "./coverage.ts";
import { run, type RunResult } from "./run.ts";
import { STORES } from "./stores/open_store_world.ts";
import { shrink } from "./shrink.ts";

/** Maximum number of runs that make a failing run smaller. */
const SHRINKING_RUNS = 100;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    store: { type: "string", default: "sqlite" },
    nodes: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
  },
});

const store = STORES.find((name) => name === values.store) ?? "sqlite";
const nodes = Number(values.nodes);
const first = Number(values.seed);
const count = Number(values.seeds);
const coverage = new Coverage();
const start = performance.now();
const totals = { runs: 0, failed: 0, events: 0, acknowledged: 0, delivered: 0 };
for (let seed = first; seed < first + count; seed++) {
  const result = await run({ seed, store, nodes });
  totals.runs++;
  coverage.addAll(result.coverage.toJSON());
  totals.events += result.events;
  totals.acknowledged += result.acknowledged;
  totals.delivered += result.delivered;
  if (values.trace) console.log(result.story);
  if (count === 1) console.log(`seed ${seed}: ${result.hash}`);
  if (result.violations.length === 0) continue;
  totals.failed++;
  await tell(seed, result);
}
const seconds = ((performance.now() - start) / 1_000).toFixed(1);
console.log(coverage.format());
console.log(JSON.stringify({ ...totals, seconds }));
if (totals.failed > 0) Deno.exit(1);

/** Prints what led to a violation, in a run that has as little as possible beside it. */
async function tell(seed: number, failed: RunResult): Promise<void> {
  const rules = new Set(failed.violations.map(({ rule }) => rule));
  const shrunk = await shrink({
    run: (without) => run({ seed, store, nodes, without }),
    isFailure: ({ violations }) => violations.some(({ rule }) => rules.has(rule)),
    offeredBy: ({ offered }) => offered,
    runs: SHRINKING_RUNS,
  });
  const { violations, story } = shrunk?.result ?? failed;
  console.log(story);
  for (const { rule, what } of failed.violations) console.log(`seed ${seed}: ${rule}: ${what}`);
  if (!shrunk) return;
  console.log(`seed ${seed} needs: ${shrunk.needed.join(", ")}`);
  for (const { rule, what } of violations) console.log(`with only these: ${rule}: ${what}`);
}
