/**
 * What is measured: the kinds of load, and the figures that each of them yields.
 *
 * @module
 */

/** A kind of load. */
export type ScenarioName = keyof typeof SCENARIOS;

/** One figure; its name begins with its scenario's. */
export type FigureName = keyof typeof FIGURES;

/** How a figure is shown, and what Halley's is to be as a ratio to the reference's. */
export interface Figure {
  readonly title: string;
  readonly unit: string;
  readonly aim?: { readonly atMost?: number; readonly atLeast?: number };
}

/** Each kind of load, as the progress names it. */
export const SCENARIOS = {
  memory: "memory of 10,000 parked polls, each with a session of its own",
  "fanout-1000": "one message to 1,000 parked readers, then one sender at full speed",
  "fanout-5000": "one message to 5,000 parked readers, then 8 senders with 100 messages/s in all",
  pairs: "64 pairs, one to one, in a closed loop",
  appends: "64 senders in a closed loop to 100 rooms without readers",
} as const;

/** Every figure, in the order of the table. */
export const FIGURES = {
  "memory.poll": {
    title: "memory per parked poll, at 10,000",
    unit: "kB",
    aim: { atMost: 1.3 },
  },
  "memory.total": { title: "resident memory, 10,000 parked", unit: "MB" },
  "memory.park": { title: "until 10,000 have come and are parked", unit: "ms" },
  "fanout-1000.p50": { title: "one message to 1,000: p50", unit: "ms" },
  "fanout-1000.p99": { title: "one message to 1,000: p99", unit: "ms" },
  "fanout-1000.cpu": { title: "one message to 1,000: server CPU", unit: "µs/delivery" },
  "fanout-1000.deliveries": {
    title: "1,000 readers, one sender at full speed",
    unit: "deliveries/s",
    aim: { atLeast: 0.6 },
  },
  "fanout-1000.replies": { title: "  in so many replies", unit: "replies/s" },
  "fanout-1000.replyCpu": { title: "  server CPU", unit: "µs/reply" },
  "fanout-5000.p50": { title: "one message to 5,000: p50", unit: "ms" },
  "fanout-5000.p99": { title: "one message to 5,000: p99", unit: "ms" },
  "fanout-5000.cpu": { title: "one message to 5,000: server CPU", unit: "µs/delivery" },
  "fanout-5000.deliveries": {
    title: "5,000 readers, 8 senders, 100 messages/s",
    unit: "deliveries/s",
    aim: { atLeast: 0.6 },
  },
  "fanout-5000.replies": { title: "  in so many replies", unit: "replies/s" },
  "fanout-5000.replyCpu": { title: "  server CPU", unit: "µs/reply" },
  "pairs.rate": { title: "one to one, 64 pairs", unit: "messages/s" },
  "pairs.p99": { title: "  p99 from send to receipt", unit: "ms" },
  "pairs.cpu": { title: "  server CPU", unit: "µs/message" },
  "appends.rate": { title: "appends, 64 senders *", unit: "appends/s" },
  "appends.p99": { title: "  p99 until acknowledged", unit: "ms" },
  "appends.cpu": { title: "  server CPU", unit: "µs/append" },
} as const satisfies Record<`${ScenarioName}.${string}`, Figure>;

/** One measured value, in its figure's unit. */
export interface Reading {
  readonly figure: FigureName;
  readonly value: number;
  /** With rates: the share of one CPU that the generator used. */
  readonly generator?: number;
}

/** What one kind of load on one server gave. */
export interface Measurement {
  readonly readings: readonly Reading[];
  /** The share of one CPU that neither server nor generator used meanwhile, but others. */
  readonly others: number;
}

/** The middle one, or the mean of the two in the middle; NaN when there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
