import type { Rate } from "./rate.ts";

/**
 * A bucket of tokens that fills up by itself. What is kept of it is one number: the time (ms) at which it is full.
 * In a bucket that nobody has taken from, that is long past.
 */
export class TokenBucket {
  /** How long (ms) it takes until there is one more token. */
  readonly #interval: number;
  /** How long it takes until the empty bucket is full. */
  readonly #whole: number;

  constructor(readonly rate: Rate) {
    const { quota, window } = rate;
    this.#whole = window * 1_000;
    this.#interval = this.#whole / quota;
  }

  /** When the bucket is full after `count` tokens were taken from it at `now`; too many are a matter of {@linkcode waitTime}. */
  taken(full: number, now: number, count: number): number {
    return Math.max(full, now) + count * this.#interval;
  }

  /** How long (ms) to wait until a bucket that is full at `full` has all its tokens paid for; 0 where it has. */
  waitTime(full: number, now: number): number {
    return Math.max(0, full - now - this.#whole);
  }
}
