import { StartError } from "../../base/start_error.ts";

/** A row of somebody else's database that is to become a notice, with its values as that database writes them. */
export interface NoticeRow {
  /** Names the row, and is its place in the order in which rows are read. */
  readonly key: string;
  readonly recipient?: string;
  readonly title?: string;
  readonly body?: string;
  /** JSON. */
  readonly data?: string;
}

/** A query in somebody else's database, which gives rows in the order of their keys. Every method throws `SourceError`. */
export interface NoticeSource extends AsyncDisposable {
  /** Which database it is, without its password. */
  readonly name: string;
  /** Finds out whether the query can be asked; before that, nothing else may be called. */
  check(): Promise<void>;
  /** Finds out whether rows can be read on after that key. */
  resume(after: string): Promise<void>;
  /** At most `limit` keys, the last one first. */
  lastKeys(limit: number): Promise<readonly string[]>;
  /** At most `limit` rows after the one with that key, or the first ones. */
  read(after: string | undefined, limit: number): Promise<readonly NoticeRow[]>;
}

/**
 * Notices cannot be read. A database that is `away` may come back by itself; where something is `wrong`, somebody has to
 * change it.
 */
export class SourceError extends StartError {
  override readonly name = "SourceError";

  constructor(readonly kind: "away" | "wrong", message: string, options?: ErrorOptions) {
    super(message, options);
  }

  /** Says in one line which source it is, and why. */
  static of(kind: "away" | "wrong", source: string, reason: string, cause?: unknown): SourceError {
    return new SourceError(kind, `Cannot read notices from "${source}": ${reason}`, { cause });
  }
}

/** What to do where rows cannot be read on after a key. */
export function otherKeys(after: string): string {
  return `the last key was ${after.slice(0, 100)}: if the query has other keys now, ` +
    '"halley notices forget" begins anew';
}
