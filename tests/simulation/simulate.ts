import { parseArgs } from "node:util";
import { Coverage, missingCells } from "./coverage.ts";
import { run } from "./run.ts";
import type { RunOptions } from "./run_options.ts";
import { runSeeds } from "./run_seeds.ts";
import { STORES } from "./stores/open_store_world.ts";
import { shrink } from "./shrink.ts";

/** Maximum number of runs that make a failing run smaller, and of runs that are made smaller. */
const SHRINKING = { runs: 100, seeds: 3 } as const;

/** With this number of seeds, every fault must have met every phase that matters. */
const ENOUGH_SEEDS = 1_000;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    store: { type: "string", default: "sqlite" },
    nodes: { type: "string", default: "1" },
    workers: { type: "string" },
    webhooks: { type: "boolean" },
    tokens: { type: "boolean" },
    visitors: { type: "boolean" },
    loses: { type: "boolean", default: false },
    jobs: { type: "string", default: String(navigator.hardwareConcurrency) },
    trace: { type: "boolean", default: false },
  },
});

const [first, count] = [Number(values.seed), Number(values.seeds)];
const store = STORES.find((name) => name === values.store);
if (store === undefined) throw new Error(`--store must be one of ${STORES.join(", ")}`);
const options: Omit<RunOptions, "seed"> = {
  store,
  nodes: Number(values.nodes),
  loses: values.loses,
  ...(values.webhooks !== undefined && { webhooks: values.webhooks }),
  ...(values.tokens !== undefined && { tokens: values.tokens }),
  ...(values.visitors !== undefined && { visitors: values.visitors }),
  ...(values.workers !== undefined && { workers: Number(values.workers) }),
};
if (count === 1) await runOne();
else await runMany();

/** Runs one seed, and tells what happened in it if that is asked for. */
async function runOne(): Promise<void> {
  const result = await run({ ...options, seed: first });
  if (values.trace) console.log(result.trace.story(Infinity));
  console.log(`seed ${first}: ${result.hash}`);
  if (result.violations.length === 0) return;
  await tell(first);
  Deno.exit(1);
}

async function runMany(): Promise<void> {
  const start = performance.now();
  const coverage = new Coverage();
  const failed: number[] = [];
  const totals = { runs: 0, events: 0, acknowledged: 0, delivered: 0 };
  await runSeeds({
    ...{ first, count, options },
    jobs: Number(values.jobs),
    onReport: (report) => {
      totals.runs++;
      totals.events += report.events;
      totals.acknowledged += report.acknowledged;
      totals.delivered += report.delivered;
      coverage.addAll(report.coverage);
      const { seed, violations } = report;
      if (violations.length > 0) failed.push(seed);
      for (const { rule, what } of violations.slice(0, 3)) {
        console.log(`seed ${seed}: ${rule}: ${what}`);
      }
    },
  });
  for (const seed of failed.slice(0, SHRINKING.seeds)) await tell(seed);
  console.log(coverage.format());
  const missing = count < ENOUGH_SEEDS ? [] : missingCells(coverage);
  for (const cell of missing) console.log(`never happened: ${cell}`);
  const seconds = Math.round((performance.now() - start) / 1_000);
  console.log(JSON.stringify({ ...totals, failed: failed.length, seconds }));
  if (failed.length + missing.length > 0) Deno.exit(1);
}

/** Prints what led to a violation, in a run that has as little as possible beside it. */
async function tell(seed: number): Promise<void> {
  const failed = await run({ ...options, seed });
  const rules = new Set(failed.violations.map(({ rule }) => rule));
  const shrunk = await shrink({
    run: (without) => run({ ...options, seed, without }),
    isFailure: ({ violations }) => violations.some(({ rule }) => rules.has(rule)),
    offeredBy: ({ offered }) => offered,
    runs: SHRINKING.runs,
  });
  const { violations, story } = shrunk?.result ?? failed;
  console.log(story);
  for (const { rule, what } of failed.violations.slice(0, 3)) {
    console.log(`seed ${seed}: ${rule}: ${what}`);
  }
  if (!shrunk) return;
  console.log(`seed ${seed} needs: ${shrunk.needed.join(", ")}`);
  for (const { rule, what } of violations.slice(0, 3)) {
    console.log(`with only these: ${rule}: ${what}`);
  }
}
