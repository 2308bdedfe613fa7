import type { RunOptions } from "../run_options.ts";

/** A bug that is planted from outside, which a simulation must find. */
export interface PlantedBug {
  readonly name: string;
  /** One of the rules that it breaks. */
  readonly rules: readonly string[];
  /** How it changes the runs. */
  readonly options?: Omit<RunOptions, "seed">;
  /** Changes the product until the result is disposed of. */
  readonly plant?: () => Disposable;
}

/** Replaces methods until it is disposed of. */
export function patch<T extends object>(target: T, methods: Partial<T> & ThisType<T>): Disposable {
  const names = Object.keys(methods);
  const before = names.map((name) => Reflect.get(target, name));
  Object.assign(target, methods);
  return {
    [Symbol.dispose]: () => names.forEach((name, n) => Reflect.set(target, name, before[n])),
  };
}
