/**
 * Two clocks. Wall time says what time it is: a Unix time in ms, which jumps when someone sets the clock or a laptop
 * wakes up. Every time that is stored or sent is wall time, and a plain `number`. Monotonic time measures how long
 * something takes: it never jumps, but means nothing to another process. Every duration, deadline and lease is measured
 * with it. The compiler rejects a comparison of the two.
 *
 * @module
 */

declare const monotonic: unique symbol;

/** A reading of the monotonic clock. Only readings of the same process can be compared, with `<` and `>`: also of its workers. */
export interface MonotonicTime {
  readonly [monotonic]: never;
}

/** The current wall time: Unix time in ms. */
export function wallNow(): number {
  return Date.now();
}

/** The current monotonic time. */
export function monotonicNow(): MonotonicTime {
  return fromMs(nowMs());
}

/** Lets the monotonic clock of this worker agree with that of the main isolate, where it is `time` now. */
export function alignMonotonicClock(time: MonotonicTime): void {
  offset = Number(time) - performance.now();
}

// Each worker has a `performance.now` of its own, which starts with it.
let offset = 0;

function nowMs(): number {
  return performance.now() + offset;
}

/** How long ago `time` was, in ms; negative for a time to come. */
export function msSince(time: MonotonicTime): number {
  return nowMs() - Number(time);
}

/** How long it takes until `time`, in ms; negative for a time that has passed. */
export function msUntil(time: MonotonicTime): number {
  return Number(time) - nowMs();
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
  return fromMs(nowMs() + ms);
}

/** Whether `time` has come. */
export function hasPassed(time: MonotonicTime): boolean {
  return Number(time) <= nowMs();
}

/** The wall time of a monotonic time, by the wall clock as it is set now. */
export function wallTimeOf(time: MonotonicTime): number {
  return Math.round(Date.now() - msSince(time));
}

/** A time before all others. */
export const LONG_AGO: MonotonicTime = fromMs(-Infinity);

/** The start of the process. */
export const PROCESS_START: MonotonicTime = fromMs(0);

/** Monotonic times in memory that workers share. Before it is set, a time is the start of the process. */
export class SharedTimes {
  readonly #times: Float64Array<ArrayBufferLike>;
  readonly #bits: BigInt64Array<ArrayBufferLike>;

  /** `memory`: 8 bytes for each time. */
  constructor(memory: ArrayBufferLike) {
    this.#times = new Float64Array(memory);
    this.#bits = new BigInt64Array(memory);
  }

  at(index: number): MonotonicTime {
    return fromMs(this.#times[index] ?? 0);
  }

  /** Sets a time if it is still `old`; returns whether it was. */
  replace(index: number, old: MonotonicTime, time: MonotonicTime): boolean {
    const expected = bitsOf(old);
    return Atomics.compareExchange(this.#bits, index, expected, bitsOf(time)) === expected;
  }

  set(index: number, time: MonotonicTime): void {
    Atomics.store(this.#bits, index, bitsOf(time));
  }

  /** Sets a time to the start of the process. */
  clear(index: number): void {
    Atomics.store(this.#bits, index, 0n);
  }
}

const [float, floatBits] = viewsOf(new ArrayBuffer(8));

function viewsOf(memory: ArrayBuffer) {
  return [new Float64Array(memory), new BigInt64Array(memory)] as const;
}

function bitsOf(time: MonotonicTime): bigint {
  float[0] = Number(time);
  return floatBits[0] ?? 0n;
}

// A monotonic time is a number at run time. This cast is the only one: elsewhere the type keeps it apart.
function fromMs(ms: number): MonotonicTime {
  return ms as unknown as MonotonicTime;
}
