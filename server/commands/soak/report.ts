import type { LatencySummary } from "./latencies.ts";

/** What a checker found. Nothing is wrong when `lost`, `duplicated` and `outOfOrder` are 0. */
export interface Report {
  /** Messages that were sent, once or several times. */
  readonly sent: number;
  /** Those of them that a sender was told are kept. */
  readonly acknowledged: number;
  /** What readers were given, counted for each reader. */
  readonly delivered: number;
  /** Acknowledged, and not given to a reader that reads the channel, though no gap covers it. */
  readonly lost: number;
  /** PendingAck again to a reader that had it, or one key that became two messages. */
  readonly duplicated: number;
  /** PendingAck to a reader after a later one, or placed in the log before an earlier one of the same sender. */
  readonly outOfOrder: number;
  readonly gaps: number;
  /** From a sender's being told to a reader's being given. */
  readonly latency: LatencySummary;
  /** The first few findings in full. */
  readonly cases: readonly string[];
}

/** What can be wrong. */
export type Finding = "lost" | "duplicated" | "outOfOrder";

/** Takes in what is wrong. */
export interface Findings {
  find(kind: Finding, story: string): void;
}

/** Whether nothing is wrong. */
export function isClean({ lost, duplicated, outOfOrder }: Report): boolean {
  return lost === 0 && duplicated === 0 && outOfOrder === 0;
}
