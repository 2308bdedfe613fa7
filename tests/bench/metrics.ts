/**
 * The scenarios, and the metrics of each of them.
 *
 * @module
 */

/** A kind of load. */
export type ScenarioName = keyof typeof SCENARIOS;

/** A metric. Its name begins with that of its scenario. */
export type MetricName = keyof typeof METRICS;

/** How a metric is displayed, and the target for the ratio of Halley to the reference. */
export interface Metric {
  readonly title: string;
  readonly unit: string;
  readonly target?: { readonly max?: number; readonly min?: number };
}

/** The scenarios, with their descriptions. */
export const SCENARIOS = {
  memory: "memory of 10,000 parked polls, each with its own session",
  "fanout-1000": "one message to 1,000 parked readers, then one sender at full speed",
  "fanout-5000": "one message to 5,000 parked readers, then 8 senders with 100 messages/s together",
  pairs: "64 pairs, one to one, in a closed loop",
  appends: "64 senders in a closed loop to 100 rooms without readers",
} as const;

/** All metrics, in the order of the table. */
export const METRICS = {
  "memory.poll": {
    title: "memory per parked poll, at 10,000",
    unit: "kB",
    target: { max: 1.3 },
  },
  "memory.total": { title: "resident memory, 10,000 parked", unit: "MB" },
  "memory.park": { title: "time until 10,000 are connected and parked", unit: "ms" },
  "fanout-1000.p50": { title: "one message to 1,000: p50", unit: "ms" },
  "fanout-1000.p99": { title: "one message to 1,000: p99", unit: "ms" },
  "fanout-1000.cpu": { title: "one message to 1,000: server CPU", unit: "µs/delivery" },
  "fanout-1000.deliveries": {
    title: "1,000 readers, one sender at full speed",
    unit: "deliveries/s",
    target: { min: 0.6 },
  },
  "fanout-1000.replies": { title: "  number of replies", unit: "replies/s" },
  "fanout-1000.replyCpu": { title: "  server CPU", unit: "µs/reply" },
  "fanout-5000.p50": { title: "one message to 5,000: p50", unit: "ms" },
  "fanout-5000.p99": { title: "one message to 5,000: p99", unit: "ms" },
  "fanout-5000.cpu": { title: "one message to 5,000: server CPU", unit: "µs/delivery" },
  "fanout-5000.deliveries": {
    title: "5,000 readers, 8 senders, 100 messages/s",
    unit: "deliveries/s",
    target: { min: 0.6 },
  },
  "fanout-5000.replies": { title: "  number of replies", unit: "replies/s" },
  "fanout-5000.replyCpu": { title: "  server CPU", unit: "µs/reply" },
  "pairs.rate": { title: "one to one, 64 pairs", unit: "messages/s" },
  "pairs.p99": { title: "  p99 from send to receipt", unit: "ms" },
  "pairs.cpu": { title: "  server CPU", unit: "µs/message" },
  "appends.rate": { title: "appends, 64 senders *", unit: "appends/s" },
  "appends.p99": { title: "  p99 until acknowledged", unit: "ms" },
  "appends.cpu": { title: "  server CPU", unit: "µs/append" },
} as const satisfies Record<`${ScenarioName}.${string}`, Metric>;

/** A measured value, in the unit of its metric. */
export interface Reading {
  readonly metric: MetricName;
  readonly value: number;
  /** The share of one CPU that the generator used, for rates. */
  readonly generator?: number;
}

/** The result of one scenario with one server. */
export interface Measurement {
  readonly readings: readonly Reading[];
  /** The share of one CPU that other processes used. */
  readonly others: number;
}

/** The median; NaN if there are no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
