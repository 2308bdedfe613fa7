/** A histogram of durations in steps of 0.01 ms, up to 5 s. Longer ones count as 5 s. */
export class Latencies {
  readonly #counts = new Uint32Array(500_001);
  #total = 0;

  add(milliseconds: number): void {
    this.#counts[Math.min(Math.round(milliseconds * 100), 500_000)]! += 1;
    this.#total++;
  }

  /** The duration (ms) that a `share` of all durations does not exceed. */
  quantile(share: number): number {
    let left = share * this.#total;
    const step = this.#counts.findIndex((count) => (left -= count) <= 0);
    return step / 100;
  }
}
