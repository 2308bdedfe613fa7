import { later, LONG_AGO, type MonotonicTime, msBetween } from "../../base/clock.ts";
import type { Rate } from "./rate.ts";

/** The state of an untouched bucket. */
export const FULL = LONG_AGO;

/**
 * A token bucket that refills at a constant rate. Its whole state is the time at which it will be full, which the caller
 * keeps: a bucket that nobody uses costs nothing.
 */
export class TokenBucket {
  /** Time in ms until there is one more token. */
  readonly #interval: number;
  /** Time in ms until an empty bucket is full. */
  readonly #fillTime: number;

  constructor(readonly rate: Rate) {
    const { quota, window } = rate;
    this.#fillTime = window * 1_000;
    this.#interval = this.#fillTime / quota;
  }

  /** The state after taking `count` tokens, also if there are not enough of them: see {@linkcode waitTime}. */
  take(full: MonotonicTime, now: MonotonicTime, count: number): MonotonicTime {
    return later(full > now ? full : now, count * this.#interval);
  }

  /** Time in ms until a bucket in this state has paid for all tokens that were taken; 0 if it already has. */
  waitTime(full: MonotonicTime, now: MonotonicTime): number {
    return Math.max(0, msBetween(now, full) - this.#fillTime);
  }
}
