/** Some of many durations, in ms. */
export interface LatencySummary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Each bucket is so much wider than the one before: a figure is right within 2 %. */
const GROWTH = Math.log(1.02);

/** Durations, counted in buckets that widen: the memory does not grow with their number. */
export class Latencies {
  readonly #buckets: number[] = [];
  #count = 0;
  #max = 0;

  add(milliseconds: number): void {
    const bucket = Math.round(Math.log1p(milliseconds) / GROWTH);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
    this.#max = Math.max(this.#max, milliseconds);
  }

  summary(): LatencySummary {
    return { p50: this.#quantile(0.5), p99: this.#quantile(0.99), max: Math.round(this.#max) };
  }

  #quantile(share: number): number {
    let left = this.#count * share;
    for (const [bucket, count] of this.#buckets.entries()) {
      left -= count ?? 0;
      if (left <= 0) return Math.round(Math.min(this.#max, Math.expm1(bucket * GROWTH)));
    }
    return 0;
  }
}
