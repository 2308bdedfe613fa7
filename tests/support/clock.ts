import FakeTimers from "@sinonjs/fake-timers";

/** A clock that stands still until it is told to pass. */
export interface StoppedClock extends Disposable {
  /** Lets time pass, and everything happen that was due in it. */
  pass(milliseconds: number): Promise<void>;
  /** How many timers are set. */
  readonly timers: number;
  /** Sets the wall clock, as an operator might, without letting time pass. */
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

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
