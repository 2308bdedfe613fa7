import { StartError } from "../../base/start_error.ts";

/** A row that is to become a notice. Its values are as the database formats them. */
export interface NoticeRow {
  /** Identifies the row, and determines its position in the order. */
  readonly key: string;
  readonly recipient?: string;
  readonly title?: string;
  readonly body?: string;
  /** JSON. */
  readonly data?: string;
}

/** A query of an application's database. It returns rows in the order of their keys. All methods throw `SourceError`. */
export interface NoticeSource extends AsyncDisposable {
  /** The name of the database in messages: without its password. */
  readonly name: string;
  /** Checks that the query is valid and can be executed. Must succeed before any other method is called. */
  check(): Promise<void>;
  /** Checks that `key`, the last one that was read, can be compared with the current keys of the query. */
  checkKey(key: string): Promise<void>;
  /** Returns up to `limit` keys, the last ones first. */
  lastKeys(limit: number): Promise<readonly string[]>;
  /** Returns up to `limit` rows after the key `after`, or the first ones. */
  read(after: string | undefined, limit: number): Promise<readonly NoticeRow[]>;
}

/** Why a source cannot be read. */
export interface SourceFailure {
  /** `unavailable`: a later attempt may succeed. `misconfigured`: the settings or the database must be changed. */
  readonly kind: "unavailable" | "misconfigured";
  readonly reason: string;
  readonly cause?: unknown;
}

/** Notices cannot be read. The message names the source and the reason. */
export class SourceError extends StartError {
  override readonly name = "SourceError";
  readonly kind: SourceFailure["kind"];

  constructor(source: string, { kind, reason, cause }: SourceFailure) {
    super(`Cannot read notices from "${source}": ${reason}`, { cause });
    this.kind = kind;
  }
}

/** The reason why the last key cannot be compared with the current ones, and what to do. */
export function describeKeyMismatch(key: string): string {
  return `the last key was ${key.slice(0, 100)}: if the query has other keys now, run ` +
    '"halley notices forget"';
}
