import type { Checker } from "./checker.ts";
import type { Faults } from "./faults.ts";
import type { ReaderRecord } from "./reader_record.ts";
import type { User } from "./users.ts";

/** What all participants of a run share. */
export interface RunContext {
  /** The address that clients use: that of the proxy. */
  readonly url: string;
  readonly seed: number;
  readonly faults: Faults;
  readonly checker: Checker;
  /** Aborted when the run is over, or this participant leaves. */
  readonly over: AbortSignal;
  /** Reports something unexpected that does not count as a finding. */
  readonly onRemark: (text: string) => void;
}

/** What a reader reads, and as whom. */
export interface ReaderOptions {
  readonly name: string;
  readonly user: User;
  readonly record: ReaderRecord;
  /** Where it continues to read; by default, it begins with the newest message. */
  readonly cursor?: string;
  /** Distinguishes the readers of one session. */
  readonly tab: string;
  /** The rooms that its polls name. */
  readonly rooms: readonly string[];
  /** How long its polls are held, in ms. */
  readonly hold: number;
}

/** Creates a reader. It uses a token of its own. */
export type OpenReader = (options: ReaderOptions, context: RunContext) => Promise<Reader>;

/** A participant that reads, and reports to the checker what it has received. */
export interface Reader {
  /** What it has stored as an application would: where a later reader can continue. */
  readonly cursor: string | undefined;
  /** Resolves when the reader has its first cursor: from then on it must receive every message. */
  enter(): Promise<void>;
  /** Reads until `over` is aborted. */
  run(): Promise<void>;
  /** Ends a wait of its own choice. */
  hurry(): void;
}
