import { fromNow, hasPassed, type MonotonicTime } from "./clock.ts";

/**
 * Limits how often something is done, such as logging the same warning: `max` times per key in `windowMs`. Keys are
 * never removed, so only use keys of a closed list.
 */
export class Throttle {
  readonly #windowMs: number;
  readonly #max: number;
  readonly #windows = new Map<string, { readonly end: MonotonicTime; left: number }>();

  constructor({ windowMs, max = 1 }: { readonly windowMs: number; readonly max?: number }) {
    this.#windowMs = windowMs;
    this.#max = max;
  }

  /** Returns whether it may be done now, and counts it if so. */
  allow(key = ""): boolean {
    let window = this.#windows.get(key);
    if (window === undefined || hasPassed(window.end)) {
      window = { end: fromNow(this.#windowMs), left: this.#max };
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
