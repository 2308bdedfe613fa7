import type { FaultCounts } from "./faults.ts";

/** What the checker found. All is well if `lost`, `duplicated`, `outOfOrder`, `outdated` and `stopped` are 0. */
export interface Findings {
  /** Messages that were sent, once or several times. */
  readonly sent: number;
  /** Those of them that the server has acknowledged. */
  readonly acknowledged: number;
  /** Edits and deletions that the server has acknowledged. */
  readonly changed: number;
  /** Messages that readers received, counted for each reader. */
  readonly delivered: number;
  /** Acknowledged, but not received by a reader of the channel, and not covered by a gap. */
  readonly lost: number;
  /** Received again by a reader, or stored as two messages with one key. */
  readonly duplicated: number;
  /** Received after a later message, or stored before an earlier one of the same sender. */
  readonly outOfOrder: number;
  /** Shown by a reader in the end as they were before they were edited or deleted. */
  readonly outdated: number;
  /** Readers that stopped, and messages that were given up, although the server did not stop them. */
  readonly stopped: number;
  readonly gaps: number;
  /** From the acknowledgement to the sender until the delivery to a reader. */
  readonly latency: LatencySummary;
  /** Descriptions of the first few findings. */
  readonly details: readonly string[];
}

/** The report of a run. */
export interface Report extends Findings {
  readonly seed: number;
  readonly faults: FaultCounts;
  readonly restarts: number;
  /** The folder with the database and the log of the server, if there were findings. */
  readonly folder: string | undefined;
}

/** Percentiles of many durations, in ms. */
export interface LatencySummary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Whether nothing was lost, duplicated, out of order or outdated, and nobody stopped. */
export function isClean({ lost, duplicated, outOfOrder, outdated, stopped }: Findings): boolean {
  return lost + duplicated + outOfOrder + outdated + stopped === 0;
}

/** Formats a report as one JSON object, for programs. */
export function formatJson(report: Report): string {
  const { seed, sent, acknowledged, changed, delivered, gaps } = report;
  const { lost, duplicated, outOfOrder, outdated, stopped, latency, faults, restarts } = report;
  const counts = { sent, acknowledged, changed, delivered };
  const findings = { lost, duplicated, outOfOrder, outdated, stopped, gaps };
  return JSON.stringify({ seed, ...counts, ...findings, latency, faults, restarts });
}

/** Formats a report as a table, for people. */
export function formatTable(report: Report): string {
  const { p50, p99, max } = report.latency;
  const rows: readonly Row[] = [
    ["seed", report.seed],
    ["sent", report.sent],
    ["acknowledged", report.acknowledged],
    ["changed", report.changed],
    ["delivered", report.delivered],
    ["lost", report.lost],
    ["duplicated", report.duplicated],
    ["out of order", report.outOfOrder],
    ["outdated", report.outdated],
    ["stopped", report.stopped],
    ["gaps", report.gaps],
    ["latency p50", `${p50} ms`],
    ["latency p99", `${p99} ms`],
    ["latency max", `${max} ms`],
    ["restarts", report.restarts],
  ];
  const faults = Object.entries(report.faults);
  const injected = faults.length === 0 ? ["none"] : align(faults);
  return [...align(rows), "", "faults", ...injected.map((line) => `  ${line}`)].join("\n");
}

type Row = readonly [name: string, value: string | number];

function align(rows: readonly Row[]): readonly string[] {
  const [left, right] = [0, 1].map((column) =>
    Math.max(0, ...rows.map((row) => String(row[column]).length))
  );
  return rows.map(([name, value]) =>
    `${name.padEnd(left ?? 0)}  ${String(value).padStart(right ?? 0)}`
  );
}

/** Each bucket is wider than the one before by this factor: percentiles are accurate to 2 %. */
const GROWTH = Math.log(1.02);

/** A histogram of durations with growing buckets: its memory does not grow with their number. */
export class Latencies {
  readonly #buckets: number[] = [];
  #count = 0;
  #max = 0;

  add(ms: number): void {
    const bucket = Math.round(Math.log1p(ms) / GROWTH);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
    this.#max = Math.max(this.#max, ms);
  }

  summary(): LatencySummary {
    return { p50: this.#percentile(0.5), p99: this.#percentile(0.99), max: Math.round(this.#max) };
  }

  #percentile(share: number): number {
    let left = this.#count * share;
    for (const [bucket, count] of this.#buckets.entries()) {
      left -= count ?? 0;
      if (left <= 0) return Math.round(Math.min(this.#max, Math.expm1(bucket * GROWTH)));
    }
    return 0;
  }
}
