import type { Labels, Sample } from "./prometheus_format.ts";

/** Upper bounds of the buckets in seconds, in increasing order. */
const BOUNDS = {
  // The usual hold is 25 s, the longest 55 s.
  hold: [0.01, 0.05, 0.25, 1, 2.5, 5, 10, 15, 20, 22.5, 25, 30, 55, 60],
  delivery: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  acknowledgement: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600],
  store: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  lag: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  sweep: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
} as const;

/** What is measured, and so which buckets there are. */
export type Measured = keyof typeof BOUNDS;

/** What a histogram has counted. It can be sent to another worker. */
export interface Distribution {
  readonly measured: Measured;
  /** For each bucket, and beyond the last one. */
  readonly counts: readonly number[];
  /** In seconds. */
  readonly sum: number;
}

/** A histogram of durations. Observing one takes about ten nanoseconds. */
export class Histogram {
  readonly #measured: Measured;
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(measured: Measured) {
    this.#measured = measured;
    this.#bounds = BOUNDS[measured];
    this.#counts = Array(this.#bounds.length + 1).fill(0);
  }

  /** Adds a duration in milliseconds. */
  observe(ms: number): void {
    const seconds = ms / 1_000;
    let bucket = 0;
    for (const bound of this.#bounds) {
      if (seconds <= bound) break;
      bucket++;
    }
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  get distribution(): Distribution {
    return { measured: this.#measured, counts: this.#counts, sum: this.#sum };
  }
}

/** Adds two distributions of what is measured in the same way. */
export function sumOf(one: Distribution, other: Distribution): Distribution {
  const counts = one.counts.map((count, n) => count + (other.counts[n] ?? 0));
  return { measured: one.measured, counts, sum: one.sum + other.sum };
}

/** The samples for Prometheus, whose buckets are cumulative. */
export function bucketsOf(
  { measured, counts, sum }: Distribution,
  labels: Labels = {},
): readonly Sample[] {
  const bounds: readonly number[] = BOUNDS[measured];
  let count = 0;
  const buckets = counts.map((own, n): Sample => {
    const le = n < bounds.length ? String(bounds[n]) : "+Inf";
    return { suffix: "_bucket", labels: { ...labels, le }, value: count += own };
  });
  return [
    ...buckets,
    { suffix: "_sum", labels, value: sum },
    { suffix: "_count", labels, value: count },
  ];
}
