import type { Checker } from "./checker.ts";
import type { Faults } from "./faults.ts";

/** What all participants of a run share. */
export interface RunContext {
  /** The address that clients use: that of the proxy. */
  readonly url: string;
  readonly seed: number;
  readonly faults: Faults;
  readonly checker: Checker;
  /** Aborted when the run is over. */
  readonly over: AbortSignal;
  /** Reports something unexpected that does not count as a finding. */
  readonly onRemark: (text: string) => void;
}

/** What a reader reads, and as whom. */
export interface ReaderOptions {
  readonly name: string;
  readonly privateToken: string;
  /** Distinguishes the readers of one session. */
  readonly tab: string;
  /** The rooms that its polls name. */
  readonly rooms: readonly string[];
  /** All channels whose messages it must receive. */
  readonly reads: readonly string[];
  /** How long its polls are held, in ms. */
  readonly hold: number;
}

/** A participant that reads, and reports to the checker what it has received. */
export interface Reader {
  readonly name: string;
  /** Resolves when the reader has its first cursor: from then on it must receive every message. */
  enter(): Promise<void>;
  /** Reads until the run is over. */
  run(): Promise<void>;
  /** Ends a wait of its own choice. */
  hurry(): void;
}
