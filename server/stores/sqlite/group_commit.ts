import type { DatabaseSync } from "node:sqlite";
import { errorMessage } from "../../base/error_message.ts";
import { type Runtime, SYSTEM_RUNTIME, type Timer } from "../../base/runtime.ts";
import { ignoreUnavailable, Refused } from "../../core/model/refused.ts";
import type { Sync } from "./wal_sync.ts";

/** After a failure, the database is tried again this often, in ms, even if there is nothing to write. */
const RETRY_MS = 1_000;

/** Writes several pages, which fails while the disk is full. */
const PROBE = "REPLACE INTO meta VALUES ('probe', randomblob(65536))";

/** What a {@linkcode GroupCommit} is constructed from. */
export interface GroupCommitOptions {
  readonly database: DatabaseSync;
  /** How transactions become durable; without it, there is no disk. */
  readonly sync?: Sync | undefined;
  /** Called at the end of each transaction, in it. */
  readonly beforeCommit: () => void;
  /** Called after each transaction, before the next one. What it returns is called when the transaction is durable. */
  readonly onCommit: () => () => void;
  readonly onRollback: () => void;
  /** The disk has failed after a commit: only a restart shows what is durable. */
  readonly onLost: (reason: string) => void;
  readonly runtime?: Runtime;
}

/**
 * Writes to a database in groups. All writes that are requested in one turn of the event loop, or while the group before
 * becomes durable, share one transaction, and so one wait for the disk. After a transaction that failed, the database is
 * unavailable until one succeeds that has written something: an empty transaction succeeds on a full disk, too.
 */
export class GroupCommit implements AsyncDisposable {
  readonly #options: GroupCommitOptions;
  readonly #begin;
  readonly #commit;
  #unavailableReason: string | undefined;
  readonly #runtime: Runtime;
  #retry: Timer | undefined;
  #writes: Write[] = [];
  /** What to do when the transactions are durable that have been committed, oldest first. */
  #committed: (() => void)[] = [];
  #syncing: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#runtime = options.runtime ?? SYSTEM_RUNTIME;
    this.#begin = options.database.prepare("BEGIN IMMEDIATE");
    this.#commit = options.database.prepare("COMMIT");
  }

  /** Why the last transaction failed; `undefined` if it succeeded. */
  get unavailableReason(): string | undefined {
    return this.#unavailableReason;
  }

  /**
   * Runs `work` in the next transaction. Resolves with its result when it is durable. `work` may throw `Refused`, but
   * only before it has written anything. Refuses with `store_unavailable` if the transaction fails, or after the end.
   */
  write<T>(work: () => T): Promise<T> {
    if (this.#isClosed) {
      return Promise.reject(new Refused("store_unavailable", "The store is closed"));
    }
    const write = new PendingWrite(work);
    if (this.#writes.length === 0 && this.#syncing === undefined) {
      this.#runtime.setImmediate(this.#run);
    }
    this.#writes.push(write);
    return write.done;
  }

  /** Runs the requested writes now, and waits for the disk. */
  flush(): void {
    this.#transact();
    const durable = this.#committed;
    this.#committed = [];
    if (durable.length > 0) this.#options.sync?.syncNow();
    for (const onDurable of durable) onDurable();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The end of a transaction can request another one.
    let syncing;
    do {
      this.flush();
      syncing = this.#syncing;
      await syncing;
    } while (this.#writes.length > 0 || this.#syncing !== syncing);
    this.#isClosed = true;
    this.#runtime.clearTimeout(this.#retry);
  }

  readonly #run = (): void => {
    if (this.#syncing !== undefined) return;
    this.#transact();
    if (this.#committed.length === 0) return;
    const { sync, onLost } = this.#options;
    if (sync === undefined) return this.#onSynced();
    this.#syncing = sync.sync().then(
      this.#onSynced,
      (error) => onLost(`Cannot make messages durable: ${errorMessage(error)}`),
    );
  };

  readonly #onSynced = (): void => {
    this.#syncing = undefined;
    const durable = this.#committed;
    this.#committed = [];
    // First of all the next group, so that the disk works while this one is answered.
    this.#run();
    for (const onDurable of durable) onDurable();
  };

  /** Runs the requested writes in one transaction. */
  #transact(): void {
    const writes = this.#writes;
    if (writes.length === 0) return;
    this.#writes = [];
    try {
      this.#begin.run();
      if (this.#unavailableReason !== undefined) this.#options.database.exec(PROBE);
      for (const write of writes) write.run();
      this.#options.beforeCommit();
      this.#commit.run();
    } catch (error) {
      this.#rollBack(writes, error);
      return;
    }
    this.#unavailableReason = undefined;
    const onDurable = this.#options.onCommit();
    this.#committed.push(() => {
      onDurable();
      for (const write of writes) write.finish();
    });
  }

  #rollBack(writes: readonly Write[], error: unknown): void {
    const { database } = this.#options;
    const reason = `Cannot write to the store: ${errorMessage(error)}`;
    const refused = new Refused("store_unavailable", reason, 2_000);
    this.#unavailableReason = reason;
    this.#runtime.clearTimeout(this.#retry);
    const retry = () => void this.write(() => {}).catch(ignoreUnavailable);
    this.#retry = this.#runtime.setTimeout(retry, RETRY_MS);
    try {
      // After some errors, such as a full disk, SQLite has already rolled back.
      if (database.isTransaction) database.exec("ROLLBACK");
    } finally {
      this.#options.onRollback();
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

/**
 * Keeps its result as a value. As a closure that captures this object, it kept a quarter of what a send allocates alive after
 * the collections of young objects (V8 15), which cost a tenth of the CPU of a send.
 */
class PendingWrite<T> implements Write {
  readonly done: Promise<T>;
  readonly fail: (error: Error) => void;
  readonly #work: () => T;
  readonly #resolve: (value: T) => void;
  #result: { readonly value: T } | { readonly refused: Refused } | undefined;

  constructor(work: () => T) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.done = promise;
    this.fail = reject;
    this.#resolve = resolve;
    this.#work = work;
  }

  run(): void {
    try {
      this.#result = { value: this.#work() };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#result = { refused: error };
    }
  }

  finish(): void {
    const result = this.#result;
    if (result === undefined) return;
    if ("value" in result) this.#resolve(result.value);
    else this.fail(result.refused);
  }
}
