import FakeTimers from "@sinonjs/fake-timers";

/** A clock that stands still until `pass` is called. */
export interface StoppedClock extends Disposable {
  /** Advances the time, and runs everything that becomes due. */
  pass(milliseconds: number): Promise<void>;
  /** The number of active timers. */
  readonly timers: number;
  /** Changes the wall clock, as an administrator can, without advancing the time. */
  jump(milliseconds: number): void;
}

/** Stops the clock, until disposed: `Date`, `performance.now`, `setTimeout` and `setInterval`. */
export function stopClock(): StoppedClock {
  const clock = FakeTimers.install({
    now: Date.UTC(2026, 0, 1),
    toFake: ["Date", "performance", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  });
  return {
    async pass(milliseconds) {
      await settle();
      // In steps, so that what an early timer starts in the store is done before later timers fire.
      const step = Math.max(10_000, Math.ceil(milliseconds / 100));
      for (let left = milliseconds; left >= 0; left -= step) {
        await clock.tickAsync(Math.min(step, left));
        await settle();
      }
    },
    get timers() {
      return clock.countTimers();
    },
    jump: (milliseconds) => clock.setSystemTime(Date.now() + milliseconds),
    [Symbol.dispose]: () => clock.uninstall(),
  };
}

/** Runs all pending microtasks and I/O callbacks. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
