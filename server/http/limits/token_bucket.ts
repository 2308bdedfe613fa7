import { later, type MonotonicTime, msBetween } from "../../base/clock.ts";

/** A number of requests in a number of seconds, either all at once or spread evenly. */
export interface Rate {
  readonly quota: number;
  /** In seconds. */
  readonly window: number;
}

const MAX = 1_000_000_000;

/** Times that tokens were added to and taken from are this exact, in ms: sums of floating-point numbers are rounded. */
const ROUNDING = 0.01;

/** Reads a rate such as `100/5s`. Returns `undefined` if it is invalid. */
export function parseRate(word: string): Rate | undefined {
  const [, quota, window] = /^([0-9]{1,10})\/([0-9]{1,10})s$/.exec(word) ?? [];
  const rate = { quota: Number(quota), window: Number(window) };
  const isValid = (value: number) => value >= 1 && value <= MAX;
  return isValid(rate.quota) && isValid(rate.window) ? rate : undefined;
}

/** Writes a rate as {@linkcode parseRate} reads it. */
export function formatRate({ quota, window }: Rate): string {
  return `${quota}/${window}s`;
}

/**
 * A token bucket. The state of one client is a single time: when its bucket will be full again. For a bucket that nobody
 * has taken from, that is any time in the past.
 */
export class TokenBucket {
  readonly rate: Rate;
  /** Time until one token is refilled, in ms. */
  readonly #interval: number;
  /** Time until an empty bucket is full, in ms. */
  readonly #capacity: number;

  constructor(rate: Rate) {
    this.rate = rate;
    this.#capacity = rate.window * 1_000;
    this.#interval = this.#capacity / rate.quota;
  }

  /** Takes `count` tokens and returns when the bucket is full again. {@linkcode waitTime} tells whether it had as many. */
  take(fullAt: MonotonicTime, now: MonotonicTime, count: number): MonotonicTime {
    return later(fullAt > now ? fullAt : now, count * this.#interval);
  }

  /** Time in ms until a bucket that is full at `fullAt` contains the tokens that were taken; 0 if it did. */
  waitTime(fullAt: MonotonicTime, now: MonotonicTime): number {
    const waitTime = msBetween(now, fullAt) - this.#capacity;
    return waitTime > ROUNDING ? waitTime : 0;
  }
}
