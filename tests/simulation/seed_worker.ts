import { run, type RunResult } from "./run.ts";
import type { RunOptions } from "./run_options.ts";

/** The result of a run, without what cannot or need not be sent to another worker. */
export interface SeedReport extends Omit<RunResult, "coverage" | "offered" | "story" | "trace"> {
  readonly coverage: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

// One run at a time: it replaces the globals of its worker.
self.addEventListener("message", async ({ data: options }: MessageEvent<RunOptions>) => {
  const { coverage, seed, violations, hash, events, acknowledged, delivered } = await run(options);
  const counts = { seed, violations, hash, events, acknowledged, delivered };
  self.postMessage({ ...counts, coverage: coverage.toJSON() } satisfies SeedReport);
});
