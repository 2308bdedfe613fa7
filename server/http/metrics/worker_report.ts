import type { MetricSample } from "../../base/metric.ts";
import type { Hub } from "../../core/hub/hub.ts";
import { type Distribution, sumOf } from "./histogram.ts";

/** What a worker has counted since its start. It can be sent to another worker. */
export interface MetricCounts {
  readonly numbers: ReadonlyMap<string, number>;
  readonly refusals: ReadonlyMap<string, number>;
  readonly limited: ReadonlyMap<string, number>;
  readonly times: ReadonlyMap<string, Distribution>;
}

/** The state of one worker, for the metrics of the process. */
export interface WorkerReport {
  /** Its number, from 1. */
  readonly worker: number;
  readonly counts: MetricCounts;
  /** Of the features that it runs. */
  readonly samples: readonly MetricSample[];
  readonly parked: number;
  readonly windowBytes: number;
  readonly heapBytes: number;
}

export function reportOf(
  worker: number,
  hub: Hub,
  { counts, samples }: Pick<WorkerReport, "counts" | "samples">,
): WorkerReport {
  const { parked, windowBytes } = hub;
  const { heapUsed: heapBytes } = Deno.memoryUsage();
  return { worker, counts, samples, parked, windowBytes, heapBytes };
}

/** What all of these workers have counted together. */
export function totalOf(reports: readonly WorkerReport[]): MetricCounts {
  const all = reports.map(({ counts }) => counts);
  const add = (one: number, other: number) => one + other;
  return {
    numbers: merge(all.map(({ numbers }) => numbers), add),
    refusals: merge(all.map(({ refusals }) => refusals), add),
    limited: merge(all.map(({ limited }) => limited), add),
    times: merge(all.map(({ times }) => times), sumOf),
  };
}

/** The samples of the first worker, which are about the whole process, with the counters of the others added. */
export function samplesOf([first, ...others]: readonly WorkerReport[]): readonly MetricSample[] {
  const counters = others.flatMap(({ samples }) =>
    samples.filter(({ type }) => type === "counter")
  );
  return first?.samples.map((sample) => {
    const same = counters.filter(({ name }) => name === sample.name);
    return { ...sample, value: same.reduce((total, { value }) => total + value, sample.value) };
  }) ?? [];
}

function merge<V>(
  maps: readonly ReadonlyMap<string, V>[],
  add: (one: V, other: V) => V,
): ReadonlyMap<string, V> {
  const total = new Map<string, V>();
  for (const [key, value] of maps.flatMap((map) => [...map])) {
    const known = total.get(key);
    total.set(key, known === undefined ? value : add(known, value));
  }
  return total;
}
