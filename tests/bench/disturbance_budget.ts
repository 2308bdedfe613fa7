import { fromNow, hasPassed, monotonicNow, msSince } from "../../server/base/clock.ts";
import { delay } from "../../server/base/delay.ts";
import { machineCpuSeconds } from "./process_usage.ts";

/** Maximum share of one CPU that other processes can use without disturbing a measurement. */
export const TOLERATED = 0.15;

/** How long (ms) to measure the CPU usage of the machine. */
const SAMPLE = 300;

/** Maximum length of one wait, in ms. */
const MAX_WAIT = 15_000;

/** The time that a run may spend on waiting for an idle machine and on retries, because of other processes. */
export class DisturbanceBudget {
  #leftMs: number;

  constructor(ms: number) {
    this.#leftMs = ms;
  }

  /** Waits until the machine is almost idle, while the budget lasts. */
  async waitUntilIdle(): Promise<void> {
    const start = monotonicNow();
    const end = fromNow(Math.min(MAX_WAIT, this.#leftMs));
    while (await sampleCpuUsage() > TOLERATED && !hasPassed(end));
    this.#leftMs -= msSince(start);
  }

  /** Whether to repeat a measurement that took `tookMs`, while other processes used the share `others` of a CPU. */
  allowRetry(others: number, tookMs: number): boolean {
    if (others <= TOLERATED || this.#leftMs < tookMs) return false;
    this.#leftMs -= tookMs;
    return true;
  }
}

async function sampleCpuUsage(): Promise<number> {
  const before = machineCpuSeconds();
  await delay(SAMPLE);
  const after = machineCpuSeconds();
  return (after.used + after.stolen - before.used - before.stolen) * 1000 / SAMPLE;
}
