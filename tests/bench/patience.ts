import { machineCpuSeconds } from "./process_usage.ts";

/** Others that take more of a CPU than this while something is measured disturb it. */
export const TOLERATED = 0.15;

/** Over so many milliseconds it is looked what others take. */
const LOOK = 300;
/** Of its time, so much at most is spent on one wait. */
const WAIT = 15_000;

/** The time that a run may lose, in all, to other work on the same machine: for waiting, and for measuring again. */
export class Patience {
  #left: number;

  constructor(milliseconds: number) {
    this.#left = milliseconds;
  }

  /** Waits until hardly anything else runs, if patience lasts. */
  async untilQuiet(): Promise<void> {
    const start = Date.now();
    const end = start + Math.min(WAIT, this.#left);
    while (await usedMeanwhile() > TOLERATED && Date.now() < end);
    this.#left -= Date.now() - start;
  }

  /** Whether what was disturbed so much, and took so many milliseconds, shall be measured again. */
  allowsAgain(others: number, took: number): boolean {
    if (others <= TOLERATED || this.#left < took) return false;
    this.#left -= took;
    return true;
  }
}

async function usedMeanwhile(): Promise<number> {
  const before = machineCpuSeconds();
  await new Promise((resolve) => setTimeout(resolve, LOOK));
  const after = machineCpuSeconds();
  return (after.used + after.stolen - before.used - before.stolen) * 1000 / LOOK;
}
