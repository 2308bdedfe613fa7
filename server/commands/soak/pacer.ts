import { pause } from "./pause.ts";

/** Gives senders their time, and lets them all rush at once. */
export class Pacer {
  #rush = new AbortController();
  #rushUntil = 0;

  /** Resolves after that many milliseconds, or at once in a burst. */
  rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (performance.now() < this.#rushUntil) return pause(0, signal);
    const rest = pause(milliseconds, this.#rush.signal);
    return signal.aborted ? Promise.resolve() : rest;
  }

  /** For so long (ms), everybody sends one message right after the other. */
  burst(milliseconds: number): void {
    this.#rushUntil = performance.now() + milliseconds;
    this.end();
  }

  /** Cuts every rest short. */
  end(): void {
    this.#rush.abort();
    this.#rush = new AbortController();
  }
}
