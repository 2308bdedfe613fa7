import { machineCpuSeconds } from "./process_usage.ts";

/** Others that take more of a CPU than this while something is measured spoil it. */
export const TOLERATED = 0.15;

/** Over so many milliseconds it is looked what others take. */
const LOOK = 300;

/** Waits until hardly anything else runs on this machine, at most `limit` milliseconds. */
export async function untilQuiet(limit: number): Promise<void> {
  const end = Date.now() + limit;
  while (Date.now() < end && await usedMeanwhile() > TOLERATED);
}

async function usedMeanwhile(): Promise<number> {
  const before = machineCpuSeconds();
  await new Promise((resolve) => setTimeout(resolve, LOOK));
  const after = machineCpuSeconds();
  return (after.used + after.stolen - before.used - before.stolen) * 1000 / LOOK;
}
