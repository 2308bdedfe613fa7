/** Lets a loop wait until it is woken. A call of `wake` while the loop is working is not lost: it ends the next wait. */
export class Wakeup {
  #isAwake = false;
  #resume = () => {};

  wake(): void {
    this.#isAwake = true;
    this.#resume();
  }

  /** Waits until `wake` is called, or until `ms` have passed. Only one wait at a time. */
  async wait(ms?: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resume = resolve;
    if (this.#isAwake) resolve();
    const timer = ms === undefined ? undefined : setTimeout(resolve, Math.max(0, ms));
    await promise;
    clearTimeout(timer);
    this.#isAwake = false;
  }
}
