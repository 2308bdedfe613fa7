import { later, monotonicNow, type MonotonicTime, msBetween, wallNow } from "./clock.ts";

/** What `setTimeout` and `setInterval` return. */
export type Timer = ReturnType<typeof setTimeout> | number;

/** What a {@linkcode Runtime} is made of: values that a program cannot compute, and timers. */
export interface Platform {
  /** Unix time in ms. */
  wallNow(): number;
  monotonicNow(): MonotonicTime;
  setTimeout(run: () => void, ms: number): Timer;
  clearTimeout(timer: Timer | undefined): void;
  setInterval(run: () => void, ms: number): Timer;
  clearInterval(timer: Timer | undefined): void;
  /** Runs it in the next turn of the event loop. */
  setImmediate(run: () => void): void;
  /** At least 0 and less than 1. */
  random(): number;
  /** Bytes that nobody can guess. */
  randomBytes(count: number): Uint8Array;
  /** An id that nobody else has. */
  randomUUID(): string;
  /** The SHA-256 digest. */
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

/**
 * Time, timers and randomness for one node. The parts of a node get it as a constructor value, and use no global clock, timer
 * or random source. So several nodes can run in one process with a clock that a test moves, and the same seed gives the
 * same run.
 */
export class Runtime {
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** The current wall time: Unix time in ms. */
  wallNow(): number {
    return this.#platform.wallNow();
  }

  /** The current monotonic time. */
  monotonicNow(): MonotonicTime {
    return this.#platform.monotonicNow();
  }

  /** How long ago `time` was, in ms; negative for a time to come. */
  msSince(time: MonotonicTime): number {
    return msBetween(time, this.monotonicNow());
  }

  /** How long it takes until `time`, in ms; negative for a time that has passed. */
  msUntil(time: MonotonicTime): number {
    return msBetween(this.monotonicNow(), time);
  }

  /** The time `ms` from now. */
  fromNow(ms: number): MonotonicTime {
    return later(this.monotonicNow(), ms);
  }

  /** Whether `time` has come. */
  hasPassed(time: MonotonicTime): boolean {
    return time <= this.monotonicNow();
  }

  /** The wall time of a monotonic time, by the wall clock as it is set now. */
  wallTimeOf(time: MonotonicTime): number {
    return Math.round(this.wallNow() - this.msSince(time));
  }

  setTimeout(run: () => void, ms: number): Timer {
    return this.#platform.setTimeout(run, ms);
  }

  clearTimeout(timer: Timer | undefined): void {
    this.#platform.clearTimeout(timer);
  }

  setInterval(run: () => void, ms: number): Timer {
    return this.#platform.setInterval(run, ms);
  }

  clearInterval(timer: Timer | undefined): void {
    this.#platform.clearInterval(timer);
  }

  /** Runs `run` in the next turn of the event loop. */
  setImmediate(run: () => void): void {
    this.#platform.setImmediate(run);
  }

  /** Resolves after `ms`, or as soon as `signal` is aborted. Never rejects. */
  delay(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.setTimeout(resolve, Math.max(0, ms));
    const onAbort = () => resolve();
    signal?.addEventListener("abort", onAbort, { once: true });
    return promise.finally(() => {
      this.clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    });
  }

  /** A number that is at least 0 and less than 1. */
  random(): number {
    return this.#platform.random();
  }

  /** Bytes that nobody can guess. */
  randomBytes(count: number): Uint8Array {
    return this.#platform.randomBytes(count);
  }

  /** An id that nobody else has. */
  randomUUID(): string {
    return this.#platform.randomUUID();
  }

  /** The SHA-256 digest. */
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    return this.#platform.digest(bytes);
  }
}

/** The runtime of a real process. It looks the globals up with each call, since tests replace them. */
export const SYSTEM_RUNTIME: Runtime = new Runtime({
  wallNow,
  monotonicNow,
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  setInterval: (run, ms) => setInterval(run, ms),
  clearInterval: (timer) => clearInterval(timer),
  setImmediate: (run) => void setImmediate(run),
  random: () => Math.random(),
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  randomUUID: () => crypto.randomUUID(),
  digest: async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)),
});
