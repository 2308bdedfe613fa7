import { LONG_AGO, type MonotonicTime } from "../base/clock.ts";
import type { Runtime } from "../base/runtime.ts";

/** When a breaker opens, and how long it delays attempts in ms. */
export interface CircuitBreakerOptions {
  /** Number of failures in a row that open the breaker. */
  readonly threshold: number;
  /** The first delay; it doubles with each further failure. */
  readonly firstDelay: number;
  readonly maxDelay: number;
}

/**
 * Protects a receiver that is down: after some failures in a row it is open, and the caller should make one attempt at a
 * time, with a delay before each. The first success closes it.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #runtime: Runtime;
  #failuresInRow = 0;
  #nextAttempt: MonotonicTime = LONG_AGO;

  constructor(options: CircuitBreakerOptions, runtime: Runtime) {
    this.#runtime = runtime;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#failuresInRow >= this.#options.threshold;
  }

  /** How long to wait before the next attempt, in ms; 0 or less if not at all. */
  get waitMs(): number {
    return this.#runtime.msUntil(this.#nextAttempt);
  }

  onSuccess(): void {
    this.#failuresInRow = 0;
    this.#nextAttempt = LONG_AGO;
  }

  onFailure(): void {
    const { threshold, firstDelay, maxDelay } = this.#options;
    this.#failuresInRow++;
    if (!this.isOpen) return;
    const excess = this.#failuresInRow - threshold;
    this.#nextAttempt = this.#runtime.fromNow(Math.min(firstDelay * 2 ** excess, maxDelay));
  }
}
