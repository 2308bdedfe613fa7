/**
 * Two clocks. Wall time says what time it is: a Unix time in ms, which jumps when someone sets the clock or a laptop
 * wakes up. Every time that is stored or sent is wall time, and a plain `number`. Monotonic time measures how long
 * something takes: it never jumps, but means nothing to another process. Every duration, deadline and lease is measured
 * with it. The compiler rejects a comparison of the two.
 *
 * @module
 */

declare const monotonic: unique symbol;

/** A reading of the monotonic clock. Only readings of the same process can be compared, with `<` and `>`. */
export interface MonotonicTime {
  readonly [monotonic]: never;
}

/** The current wall time: Unix time in ms. */
export function wallNow(): number {
  return Date.now();
}

/** The current monotonic time. */
export function monotonicNow(): MonotonicTime {
  return fromMs(performance.now());
}

/** How long ago `time` was, in ms; negative for a time to come. */
export function msSince(time: MonotonicTime): number {
  return performance.now() - Number(time);
}

/** How long it takes until `time`, in ms; negative for a time that has passed. */
export function msUntil(time: MonotonicTime): number {
  return Number(time) - performance.now();
}

/** How long it takes from one time to another, in ms. */
export function msBetween(from: MonotonicTime, to: MonotonicTime): number {
  return Number(to) - Number(from);
}

/** The time `ms` after another one. */
export function later(time: MonotonicTime, ms: number): MonotonicTime {
  return fromMs(Number(time) + ms);
}

/** The time `ms` from now. */
export function fromNow(ms: number): MonotonicTime {
  return fromMs(performance.now() + ms);
}

/** Whether `time` has come. */
export function hasPassed(time: MonotonicTime): boolean {
  return Number(time) <= performance.now();
}

/** The wall time of a monotonic time, by the wall clock as it is set now. */
export function wallTimeOf(time: MonotonicTime): number {
  return Math.round(Date.now() - msSince(time));
}

/** A time before all others. */
export const LONG_AGO: MonotonicTime = fromMs(-Infinity);

// A monotonic time is a number at run time. This cast is the only one: elsewhere the type keeps it apart.
function fromMs(ms: number): MonotonicTime {
  return ms as unknown as MonotonicTime;
}
