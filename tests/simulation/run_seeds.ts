import type { RunOptions } from "./run_options.ts";
import type { SeedReport } from "./seed_worker.ts";

export interface SeedsOptions {
  /** The first seed, and the number of seeds. */
  readonly first: number;
  readonly count: number;
  /** The number of workers. */
  readonly jobs: number;
  /** What all runs have in common. */
  readonly options: Omit<RunOptions, "seed">;
  readonly onReport: (report: SeedReport) => void;
}

/** Runs many seeds in several workers. The seeds end in any order. */
export async function runSeeds({ first, count, jobs, options, onReport }: SeedsOptions) {
  let next = first;
  const runSome = async () => {
    const worker = new Worker(import.meta.resolve("./seed_worker.ts"), { type: "module" });
    while (next < first + count) {
      const { promise, resolve, reject } = Promise.withResolvers<SeedReport>();
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(`seed ${seed}: ${event.message}`));
      const seed = next++;
      worker.postMessage({ ...options, seed });
      onReport(await promise);
    }
    worker.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(jobs, count) }, runSome));
}
