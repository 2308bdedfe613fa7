const FIRST = 500;
const LARGEST = 20_000;

/** How long to wait after each failure in a row: a random part of a bound that doubles (full jitter). */
export class Backoff {
  #failures = 0;

  /** Counts a failure, and says how many milliseconds to wait. */
  next(): number {
    const bound = Math.min(LARGEST, FIRST * 2 ** this.#failures++);
    return Math.round(Math.random() * bound);
  }

  /** The failures in a row are over. */
  reset(): void {
    this.#failures = 0;
  }
}
