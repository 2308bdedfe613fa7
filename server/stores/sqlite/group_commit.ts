import type { DatabaseSync } from "node:sqlite";
import { errorMessage } from "../../base/error_message.ts";
import { type Runtime, SYSTEM_RUNTIME, type Timer } from "../../base/runtime.ts";
import { ignoreUnavailable, Refused } from "../../core/model/refused.ts";

/** After a failure, the database is tried again this often, in ms, even if there is nothing to write. */
const RETRY_MS = 1_000;

/** Writes several pages, which fails while the disk is full. */
const PROBE = "REPLACE INTO meta VALUES ('probe', randomblob(65536))";

/**
 * Writes to a database in groups. All writes that are requested in one turn of the event loop share one transaction, and
 * so one wait for the disk. After a transaction that failed, the database is unavailable until one succeeds that has
 * written something: an empty transaction succeeds on a full disk, too.
 */
export class GroupCommit implements Disposable {
  readonly #database: DatabaseSync;
  readonly #begin;
  readonly #commit;
  readonly #onEnd: (isCommitted: boolean) => void;
  #unavailableReason: string | undefined;
  readonly #runtime: Runtime;
  #retry: Timer | undefined;
  #writes: Write[] = [];

  /** `onEnd` is called after each transaction, before the promises of its writes settle. */
  constructor(
    database: DatabaseSync,
    onEnd: (isCommitted: boolean) => void,
    runtime: Runtime = SYSTEM_RUNTIME,
  ) {
    this.#runtime = runtime;
    this.#database = database;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#onEnd = onEnd;
  }

  /** Why the last transaction failed; `undefined` if it succeeded. */
  get unavailableReason(): string | undefined {
    return this.#unavailableReason;
  }

  /**
   * Runs `work` in the next transaction. Resolves with its result when it is durable. `work` may throw `Refused`, but
   * only before it has written anything. Refuses with `store_unavailable` if the transaction fails.
   */
  write<T>(work: () => T): Promise<T> {
    const write = new PendingWrite(work);
    if (this.#writes.length === 0) this.#runtime.setImmediate(() => this.flush());
    this.#writes.push(write);
    return write.done;
  }

  /** Runs the requested writes now. */
  flush(): void {
    const writes = this.#writes;
    if (writes.length === 0) return;
    this.#writes = [];
    try {
      this.#begin.run();
      if (this.#unavailableReason !== undefined) this.#database.exec(PROBE);
      for (const write of writes) write.run();
      this.#commit.run();
    } catch (error) {
      this.#rollBack(writes, error);
      return;
    }
    this.#unavailableReason = undefined;
    this.#onEnd(true);
    for (const write of writes) write.finish();
  }

  [Symbol.dispose](): void {
    // The end of a transaction can request another one.
    while (this.#writes.length > 0) this.flush();
    this.#runtime.clearTimeout(this.#retry);
  }

  #rollBack(writes: readonly Write[], error: unknown): void {
    const reason = `Cannot write to the store: ${errorMessage(error)}`;
    const refused = new Refused("store_unavailable", reason, 2_000);
    this.#unavailableReason = reason;
    this.#runtime.clearTimeout(this.#retry);
    const retry = () => void this.write(() => {}).catch(ignoreUnavailable);
    this.#retry = this.#runtime.setTimeout(retry, RETRY_MS);
    try {
      // After some errors, such as a full disk, SQLite has already rolled back.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    } finally {
      this.#onEnd(false);
      for (const write of writes) write.fail(refused);
    }
  }
}

/** One caller's part of a group. */
interface Write {
  run(): void;
  finish(): void;
  fail(error: Error): void;
}

class PendingWrite<T> implements Write {
  readonly done: Promise<T>;
  readonly fail: (error: Error) => void;
  finish: () => void = () => {};
  readonly #work: () => T;
  readonly #resolve: (value: T) => void;

  constructor(work: () => T) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.done = promise;
    this.fail = reject;
    this.#resolve = resolve;
    this.#work = work;
  }

  run(): void {
    try {
      const value = this.#work();
      this.finish = () => this.#resolve(value);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.finish = () => this.fail(error);
    }
  }
}
