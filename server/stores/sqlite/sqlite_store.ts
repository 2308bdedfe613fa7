import { DatabaseSync } from "node:sqlite";
import type {
  KeyValue,
  MessageLog,
  NodeBus,
  ReceiptStore,
  Retention,
  SessionStore,
  Store,
  TaskQueue,
} from "../../core/model/store.ts";
import { GroupCommit } from "./group_commit.ts";
import { LocalBus } from "../local_bus.ts";
import { lockDatabase } from "./sqlite_files.ts";
import { SqliteLog } from "./sqlite_log.ts";
import { SqliteKeyValue } from "./sqlite_key_value.ts";
import { SqliteQueue } from "./sqlite_queue.ts";
import { SqliteReceipts } from "./sqlite_receipts.ts";
import { migrate } from "./sqlite_schema.ts";
import { SqliteSessions } from "./sqlite_sessions.ts";
import { StoreOpenError } from "../store_open_error.ts";

/** Keeps a store in memory. */
export const IN_MEMORY = ":memory:";

/** Log and sessions in one SQLite database, used by one process. */
export class SqliteStore implements Store {
  readonly log: MessageLog;
  readonly sessions: SessionStore;
  readonly receipts: ReceiptStore;
  readonly keyValue: KeyValue;
  readonly queue: TaskQueue;
  readonly bus: NodeBus = new LocalBus();
  readonly unavailableReason = undefined;
  readonly #database: DatabaseSync;
  readonly #group: GroupCommit;
  readonly #lock: Disposable | undefined;

  /**
   * Opens a database file, and makes it and its folder if they are not there; or a database {@linkcode IN_MEMORY}.
   * Throws `StoreOpenError` when that cannot be.
   */
  static open(path: string, retention: Retention): SqliteStore {
    let lock: Disposable | undefined;
    try {
      lock = path === IN_MEMORY ? undefined : lockDatabase(path);
      return new SqliteStore(openDatabase(path), retention, lock);
    } catch (error) {
      lock?.[Symbol.dispose]();
      throw StoreOpenError.from(path, error);
    }
  }

  private constructor(
    database: DatabaseSync,
    retention: Retention,
    lock: Disposable | undefined,
  ) {
    this.#database = database;
    this.#lock = lock;
    this.#group = new GroupCommit(database, (isCommitted) => log.onTransactionEnd(isCommitted));
    const log = new SqliteLog(database, this.#group, retention);
    this.log = log;
    this.sessions = new SqliteSessions(database, this.#group);
    this.receipts = new SqliteReceipts(database, this.#group);
    this.keyValue = new SqliteKeyValue(database, this.#group);
    this.queue = new SqliteQueue(database, this.#group);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#group.flush();
    this.#database.close();
    this.#lock?.[Symbol.dispose]();
    return Promise.resolve();
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 500 });
  try {
    // An acknowledged message is on disk: FULL waits for that at each commit.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    // Each checkpoint (every 16 MiB, four times SQLite's default) writes once the pages that many groups have changed.
    database.exec("PRAGMA wal_autocheckpoint = 4000");
    migrate(database);
    // Waiting for somebody else's lock holds up everything: from now on, refuse rather than wait.
    database.exec("PRAGMA busy_timeout = 50");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
