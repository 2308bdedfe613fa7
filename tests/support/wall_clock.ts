/** Sets the wall clock forward or back, until disposed. Monotonic time and timers go on. */
export class WallClock implements Disposable {
  readonly #now = Date.now;
  /** In ms: how far the clock is ahead. */
  offset = 0;

  constructor() {
    Date.now = () => this.#now.call(Date) + this.offset;
  }

  [Symbol.dispose](): void {
    Date.now = this.#now;
  }
}
