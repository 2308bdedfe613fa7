import { delay } from "../../server/base/delay.ts";

/** A process that can be killed and started again. */
export interface Restartable {
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/**
 * Kills the process that `next` returns and starts it again, every `interval` ms, until `signal` is aborted. Returns how
 * many it has killed.
 */
export async function killRepeatedly(
  next: (round: number) => Promise<Restartable>,
  { interval, signal }: { readonly interval: number; readonly signal: AbortSignal },
): Promise<number> {
  for (let round = 0;; round++) {
    await delay(interval, signal);
    if (signal.aborted) return round;
    const process = await next(round);
    await process.kill();
    // Gives the others time to notice.
    await delay(interval / 2, signal);
    await process.restart();
  }
}
