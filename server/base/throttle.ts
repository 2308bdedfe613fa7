import type { MonotonicTime } from "./clock.ts";
import { type Runtime, SYSTEM_RUNTIME } from "./runtime.ts";

/**
 * Limits how often something is done, such as logging the same warning: `max` times per key in `windowMs`. Keys are
 * never removed, so only use keys of a closed list.
 */
export class Throttle {
  readonly #windowMs: number;
  readonly #max: number;
  readonly #runtime: Runtime;
  readonly #windows = new Map<string, { readonly end: MonotonicTime; left: number }>();

  constructor(
    { windowMs, max = 1 }: { readonly windowMs: number; readonly max?: number },
    runtime: Runtime = SYSTEM_RUNTIME,
  ) {
    this.#runtime = runtime;
    this.#windowMs = windowMs;
    this.#max = max;
  }

  /** Returns whether it may be done now, and counts it if so. */
  allow(key = ""): boolean {
    let window = this.#windows.get(key);
    if (window === undefined || this.#runtime.hasPassed(window.end)) {
      window = { end: this.#runtime.fromNow(this.#windowMs), left: this.#max };
      this.#windows.set(key, window);
    }
    if (window.left === 0) return false;
    window.left--;
    return true;
  }

  /** Allows everything again at once. */
  reset(): void {
    this.#windows.clear();
  }
}
