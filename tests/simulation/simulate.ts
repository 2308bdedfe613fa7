import { parseArgs } from "node:util";
import { Coverage } from "./coverage.ts";
import { run } from "./run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
  },
});

const first = Number(values.seed);
const count = Number(values.seeds);
const coverage = new Coverage();
const start = performance.now();
const totals = { runs: 0, failed: 0, events: 0, acknowledged: 0, delivered: 0 };
for (let seed = first; seed < first + count; seed++) {
  const result = await run({ seed });
  totals.runs++;
  coverage.addAll(result.coverage.toJSON());
  totals.events += result.events;
  totals.acknowledged += result.acknowledged;
  totals.delivered += result.delivered;
  if (values.trace) console.log(result.story);
  if (count === 1) console.log(`seed ${seed}: ${result.hash}`);
  if (result.violations.length === 0) continue;
  totals.failed++;
  console.log(result.story);
  for (const { rule, what } of result.violations) console.log(`seed ${seed}: ${rule}: ${what}`);
}
const seconds = ((performance.now() - start) / 1_000).toFixed(1);
console.log(coverage.format());
console.log(JSON.stringify({ ...totals, seconds }));
if (totals.failed > 0) Deno.exit(1);
