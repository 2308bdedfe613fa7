/** A run that fails, without some of what it could have. */
export interface Shrunk<T> {
  /** What is left of the choices: each is needed for the failure. */
  readonly needed: readonly string[];
  readonly without: readonly string[];
  readonly result: T;
}

export interface ShrinkOptions<T> {
  /** Runs without these choices. */
  readonly run: (without: readonly string[]) => Promise<T>;
  readonly isFailure: (result: T) => boolean;
  /** What the run offers. */
  readonly offeredBy: (result: T) => readonly string[];
  /** Maximum number of runs. */
  readonly runs: number;
}

/**
 * Leaves out as many choices as it can while the run still fails: first half of them, then ever smaller parts (delta
 * debugging). Returns `undefined` if the run does not fail at all.
 */
export async function shrink<T>(
  { run, isFailure, offeredBy, runs }: ShrinkOptions<T>,
): Promise<Shrunk<T> | undefined> {
  let without: readonly string[] = [];
  let result = await run(without);
  if (!isFailure(result)) return undefined;
  let needed = offeredBy(result);
  let left = runs;
  for (let size = Math.ceil(needed.length / 2); size >= 1 && left > 0;) {
    let hasShrunk = false;
    for (let start = 0; start < needed.length && left > 0;) {
      const dropped = needed.slice(start, start + size);
      const smaller = await run([...without, ...dropped]);
      left--;
      if (!isFailure(smaller)) {
        start += size;
        continue;
      }
      hasShrunk = true;
      result = smaller;
      without = [...without, ...dropped];
      needed = needed.filter((name) => !dropped.includes(name));
    }
    // Once more with single choices, as long as that helps.
    if (size === 1 && !hasShrunk) break;
    size = Math.max(1, Math.floor(size / 2));
  }
  return { needed, without, result };
}
