import { retryAfterOf } from "./halley_error.ts";
import type { Platform } from "./platform.ts";

const FIRST_BOUND = 500;
const MAX_BOUND = 20_000;

/** A wait before the next attempt. */
export interface Delay {
  readonly ms: number;
  /** The server asked for it: only the user can skip it. */
  readonly isMandatory: boolean;
}

/** Computes the delay after each consecutive failure: random, up to a bound that doubles each time (full jitter). */
export class Backoff {
  readonly #platform: Platform;
  #failures = 0;

  constructor(platform: Platform = globalThis) {
    this.#platform = platform;
  }

  /** Counts a failure. The delay is never shorter than the server asks for. */
  delayAfter(error: unknown): Delay {
    const bound = Math.min(MAX_BOUND, FIRST_BOUND * 2 ** this.#failures++);
    const retryAfter = retryAfterOf(error);
    return {
      ms: retryAfter + Math.round(this.#platform.Math.random() * bound),
      isMandatory: retryAfter > 0,
    };
  }

  /** To be called after a success. */
  reset(): void {
    this.#failures = 0;
  }
}

/** The delays in progress of one client, so that they can be skipped together. */
export class Delays {
  readonly #platform: Platform;
  readonly #pending = new Map<() => void, Delay>();

  constructor(platform: Platform = globalThis) {
    this.#platform = platform;
  }

  /** Resolves after the delay, or earlier when it is skipped or aborted. Never rejects. */
  wait(delay: Delay, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#platform.clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.#pending.delete(end);
        resolve();
      };
      const timer = this.#platform.setTimeout(end, delay.ms);
      this.#pending.set(end, delay);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });
  }

  /** Ends the delays that the server did not ask for. */
  skipOptional(): void {
    for (const [end, { isMandatory }] of [...this.#pending]) {
      if (!isMandatory) end();
    }
  }

  /** Ends all delays. */
  skipAll(): void {
    for (const end of [...this.#pending.keys()]) end();
  }
}
