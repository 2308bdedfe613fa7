import { DatabaseSync } from "node:sqlite";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import { Listeners } from "../../base/listeners.ts";
import type { NodeEvent } from "../../core/model/node_event.ts";
import type {
  KeyValue,
  NodeBus,
  ReceiptStore,
  Retention,
  SessionStore,
  Store,
  TaskQueue,
} from "../../core/model/store.ts";
import { createPrivateFile, hideFromOthers } from "../private_files.ts";
import { StoreOpenError } from "../store_open_error.ts";
import { GroupCommit } from "./group_commit.ts";
import { lockDatabase } from "./sqlite_files.ts";
import { SqliteKeyValue } from "./sqlite_key_value.ts";
import { SqliteLog } from "./sqlite_log.ts";
import { SqliteQueue } from "./sqlite_queue.ts";
import { SqliteReceipts } from "./sqlite_receipts.ts";
import { migrate, SCHEMA_VERSION } from "./sqlite_schema.ts";
import { SqliteSessions } from "./sqlite_sessions.ts";
import { type Sync, WalSync } from "./wal_sync.ts";

/** The path that opens a database in memory. */
export const IN_MEMORY = ":memory:";

/** How a {@linkcode SqliteStore} is opened. */
export interface OpenOptions {
  /** Called if the disk has failed so that only a restart shows what is durable. By default, it throws. */
  readonly onLost?: (reason: string) => void;
  readonly runtime?: Runtime;
  /** Opens what makes the database at a path durable; by default a {@linkcode WalSync}. */
  readonly openSync?: (path: string) => Sync & Disposable;
}

/** What a {@linkcode SqliteStore} is made of. */
interface Parts extends Required<Pick<OpenOptions, "onLost" | "runtime">> {
  readonly database: DatabaseSync;
  readonly sync: Sync & Disposable | undefined;
  readonly lock: Disposable | undefined;
  readonly retention: Retention;
}

/** A store in one SQLite database, for a deployment of one process. All parts share one group commit. */
export class SqliteStore implements Store {
  readonly log: SqliteLog;
  readonly sessions: SessionStore;
  readonly receipts: ReceiptStore;
  readonly keyValue: KeyValue;
  readonly queue: TaskQueue;
  readonly bus: NodeBus = new LocalBus();
  /** Emits {@linkcode unavailableReason} after each transaction that changed it. */
  readonly availability = new Listeners<string | undefined>();
  readonly #database: DatabaseSync;
  readonly #group: GroupCommit;
  readonly #sync: Sync & Disposable | undefined;
  readonly #lock: Disposable | undefined;
  #reportedReason: string | undefined;

  /**
   * Opens a database file, or a database {@linkcode IN_MEMORY}. Creates the file and its folder if needed. Throws a
   * `StoreOpenError`.
   */
  static open(path: string, retention: Retention, options: OpenOptions = {}): SqliteStore {
    const { onLost = fail, runtime = SYSTEM_RUNTIME } = options;
    let lock: Disposable | undefined;
    try {
      lock = path === IN_MEMORY ? undefined : lockDatabase(path);
      const database = openDatabase(path, runtime);
      const { openSync = (path) => new WalSync(path) } = options;
      const sync = path === IN_MEMORY ? undefined : openSync(path);
      return new SqliteStore({ database, sync, lock, retention, onLost, runtime });
    } catch (error) {
      lock?.[Symbol.dispose]();
      throw StoreOpenError.from(path, error);
    }
  }

  private constructor({ database, sync, lock, retention, onLost, runtime }: Parts) {
    this.#database = database;
    this.#sync = sync;
    this.#lock = lock;
    this.#group = new GroupCommit({
      database,
      sync,
      beforeCommit: () => log.beforeCommit(),
      onCommit: () => {
        const onDurable = log.onCommit();
        this.#reportAvailability();
        return onDurable;
      },
      onRollback: () => {
        log.onRollback();
        this.#reportAvailability();
      },
      onLost,
      runtime,
    });
    const log = new SqliteLog(database, { group: this.#group, retention, runtime });
    this.log = log;
    this.sessions = new SqliteSessions(database, this.#group);
    this.receipts = new SqliteReceipts(database, this.#group, () => log.cleanLater());
    this.keyValue = new SqliteKeyValue(database, this.#group, runtime);
    this.queue = new SqliteQueue(database, this.#group);
  }

  get unavailableReason(): string | undefined {
    return this.#group.unavailableReason;
  }

  /** Runs the requested writes now. */
  flush(): void {
    this.#group.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.log.search[Symbol.dispose]();
    await this.#group[Symbol.asyncDispose]();
    this.#sync?.[Symbol.dispose]();
    this.#database.close();
    this.#lock?.[Symbol.dispose]();
  }

  #reportAvailability(): void {
    if (this.unavailableReason === this.#reportedReason) return;
    this.#reportedReason = this.unavailableReason;
    this.availability.emit(this.#reportedReason);
  }
}

/** The bus of a deployment that has only this node. */
class LocalBus implements NodeBus {
  readonly #listeners = new Listeners<NodeEvent>();

  broadcast(event: NodeEvent): void {
    this.#listeners.emit(event);
  }

  listen(onEvent: (event: NodeEvent) => void): Disposable {
    return this.#listeners.add(onEvent);
  }
}

function fail(reason: string): never {
  throw new Error(reason);
}

function openDatabase(path: string, runtime: Runtime): DatabaseSync {
  if (path !== IN_MEMORY) {
    // SQLite creates the other files with the permissions of the database.
    createPrivateFile(path);
    for (const ending of ["-wal", "-shm"]) hideFromOthers(`${path}${ending}`);
  }
  const database = new DatabaseSync(path, { timeout: 500 });
  try {
    // With FULL, each commit waits for the disk.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    // A checkpoint every 16 MiB, four times the default, writes a page once that many groups have changed.
    database.exec("PRAGMA wal_autocheckpoint = 4000");
    // A slow reader, such as a backup, makes the WAL grow. Without a limit it would never shrink again.
    database.exec("PRAGMA journal_size_limit = 16777216");
    // Overwrites what is deleted or replaced, so that the text of a deleted message is not left in unused parts of the file.
    database.exec("PRAGMA secure_delete = ON");
    // In KiB: the default, 2 MiB, holds less than the pages of an index that a busy log changes again and again.
    database.exec("PRAGMA cache_size = -32768");
    migrate(database, runtime);
    // SQLite waits synchronously for another process's lock, which blocks all requests: give up early from now on.
    database.exec("PRAGMA busy_timeout = 50");
    // Creates the write-ahead log, durable with its name. From now on `WalSync` waits for the disk.
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; PRAGMA synchronous = NORMAL;`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
