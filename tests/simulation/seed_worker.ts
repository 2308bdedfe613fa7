import type { Violation } from "./ledger.ts";
import { run, type RunOptions } from "./run.ts";

/** What a worker tells of a run. */
export interface SeedReport {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly hash: string;
  readonly events: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly coverage: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

// One run at a time: it replaces the globals of its worker.
self.addEventListener("message", async ({ data: options }: MessageEvent<RunOptions>) => {
  const { coverage, seed, violations, hash, events, acknowledged, delivered } = await run(options);
  const counts = { seed, violations, hash, events, acknowledged, delivered };
  self.postMessage({ ...counts, coverage: coverage.toJSON() } satisfies SeedReport);
});
