/** Makes the transactions durable that have been committed. Rejects and throws if the disk fails. */
export interface Sync {
  /** Resolves when all transactions are durable that were committed before the call. */
  sync(): Promise<void>;
  /** Like {@linkcode sync}, but waits for the disk synchronously. */
  syncNow(): void;
}

/**
 * Makes the write-ahead log of a database durable, without blocking the event loop: SQLite would wait for the disk
 * synchronously. The database must be open with `PRAGMA synchronous = NORMAL`, with which SQLite itself still
 * keeps the order in which the files must become durable for the database to stay intact. Dispose it before the database.
 */
export class WalSync implements Sync, Disposable {
  readonly #file: Deno.FsFile;

  constructor(path: string) {
    // Windows makes only files durable that were opened for writing.
    this.#file = Deno.openSync(`${path}-wal`, { read: true, write: true });
  }

  sync(): Promise<void> {
    return this.#file.syncData();
  }

  syncNow(): void {
    this.#file.syncDataSync();
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
