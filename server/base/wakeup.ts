import { type Runtime, SYSTEM_RUNTIME } from "./runtime.ts";

/**
 * Lets a loop wait until it is woken. A call of `wake` while the loop is working is not lost: it ends the next wait.
 * `wake` can be passed on as a callback.
 */
export class Wakeup {
  readonly #runtime: Runtime;
  #isAwake = false;
  #resume = () => {};

  constructor(runtime: Runtime = SYSTEM_RUNTIME) {
    this.#runtime = runtime;
  }

  readonly wake = (): void => {
    this.#isAwake = true;
    this.#resume();
  };

  /** Waits until `wake` is called, or until `ms` have passed. Only one wait at a time. */
  async wait(ms = Infinity): Promise<void> {
    if (!this.#isAwake && ms > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#resume = resolve;
      const timer = ms === Infinity ? undefined : this.#runtime.setTimeout(resolve, ms);
      await promise;
      this.#runtime.clearTimeout(timer);
    }
    this.#isAwake = false;
  }
}
