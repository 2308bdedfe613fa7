import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SqliteStore } from "../../../server/stores/sqlite/sqlite_store.ts";
import type { Sync } from "../../../server/stores/sqlite/wal_sync.ts";
import type { Runtime } from "../../../server/base/runtime.ts";
import type { Retention } from "../../../server/core/model/store.ts";

/** How a disk fails: it is full, or writes to it fail. */
export type DiskFailure = "full" | "failing";

const ERRORS = {
  full: "database or disk is full",
  failing: "disk I/O error",
} as const satisfies Record<DiskFailure, string>;

const FILES = ["halley.db", "halley.db-wal"] as const;

/** How long it takes to make the write-ahead log durable, in ms. */
const SYNC_MS = { min: 0.2, max: 5 } as const;

/**
 * Where in the header of the write-ahead log its salt is, in bytes: it changes when a checkpoint has emptied the log. Then the
 * database has everything before.
 */
const WAL_SALT = { offset: 16, length: 8 } as const;

/**
 * The disk of one node, with the database file of the real SQLite store. What was not made durable is gone after a crash:
 * the frames of the write-ahead log that were added after the start of the last `sync` that has ended. Each process opens
 * a copy of what the one before has left, because the files of a crashed process stay open.
 */
export class Disk implements Disposable {
  failure: DiskFailure | undefined;
  /** Whether `sync` waits for the disk. */
  waits = true;
  readonly #root: string;
  readonly #databases = new Set<DatabaseSync>();
  /** The lock files of a process, and others that it has opened. */
  readonly #files = new Set<Deno.FsFile>();
  #process = 0;
  /** What of the write-ahead log is durable; `undefined` while the database is closed, and all of it is durable. */
  #durable: WalState | undefined;
  /** The write-ahead log of the process. */
  #wal: Deno.FsFile | undefined;
  /** What it has; `undefined` after a write. */
  #written: WalState | undefined;

  /** `content`: of the database file. */
  constructor(content: Uint8Array) {
    this.#root = makeFolder();
    Deno.mkdirSync(this.#folder);
    Deno.writeFileSync(join(this.#folder, FILES[0]), content);
  }

  /** Opens the database for a process. Throws a `StoreOpenError`. */
  open(retention: Retention, runtime: Runtime, onLost: (reason: string) => void): SqliteStore {
    using _files = patchOpen((file) => this.#files.add(file));
    using _ = patchDatabases({
      onOpened: (database) => this.#databases.add(database),
      onWrite: () => this.#onWrite(),
    });
    const openSync = () => this.#openSync(runtime);
    return SqliteStore.open(this.#path(FILES[0]), retention, { runtime, onLost, openSync });
  }

  /** The process that has opened the database is killed, or its machine loses power. */
  crash(): void {
    const from = this.#folder;
    this.#process++;
    Deno.mkdirSync(this.#folder);
    copyFiles(from, this.#folder);
    if (this.#durable !== undefined) {
      const { salt, size } = this.#durable;
      Deno.truncateSync(this.#path(FILES[1]), this.#walState().salt === salt ? size : 0);
    }
    this.#durable = undefined;
    this.#close();
  }

  [Symbol.dispose](): void {
    this.#close();
    Deno.removeSync(this.#root, { recursive: true });
  }

  #close(): void {
    for (const database of this.#databases) {
      if (database.isOpen) database.close();
    }
    for (const file of this.#files) closeFile(file);
    this.#databases.clear();
    this.#files.clear();
  }

  #openSync(runtime: Runtime): Sync & Disposable {
    this.#wal = Deno.openSync(this.#path(FILES[1]));
    // What SQLite writes when it opens the database, it makes durable itself.
    this.#written = undefined;
    this.#durable = this.#walState();
    return {
      sync: async () => {
        const state = this.#walState();
        await runtime.delay(SYNC_MS.min + (SYNC_MS.max - SYNC_MS.min) * runtime.random());
        this.#setDurable(state);
      },
      syncNow: () => this.#setDurable(this.#walState()),
      // The database is closed next, and everything in its file.
      [Symbol.dispose]: () => this.#durable = this.#wal = undefined,
    };
  }

  #setDurable({ salt, size }: WalState): void {
    if (this.failure === "failing") throw new Error(ERRORS.failing);
    // What the log had before a checkpoint is in the database.
    if (!this.waits || salt !== this.#walState().salt) return;
    const before = this.#durable?.salt === salt ? this.#durable.size : 0;
    this.#durable = { salt, size: Math.max(before, size) };
  }

  #walState(): WalState {
    return this.#written ??= readWal(this.#wal);
  }

  #path(file: string): string {
    return join(this.#folder, file);
  }

  get #folder(): string {
    return join(this.#root, String(this.#process));
  }

  #onWrite(): void {
    this.#written = undefined;
    if (this.failure !== undefined) throw new Error(ERRORS[this.failure]);
  }
}

/** A write-ahead log at one moment. */
interface WalState {
  readonly salt: bigint;
  /** In bytes. */
  readonly size: number;
}

function readWal(file: Deno.FsFile | undefined): WalState {
  const salt = new DataView(new ArrayBuffer(WAL_SALT.length));
  file?.seekSync(WAL_SALT.offset, Deno.SeekMode.Start);
  file?.readSync(new Uint8Array(salt.buffer));
  return { salt: salt.getBigUint64(0), size: file?.statSync().size ?? 0 };
}

/** Makes an empty database of the current version, so that not each run must. Its epoch and its salt are always the same. */
export async function emptyDatabase(runtime: Runtime): Promise<Uint8Array> {
  const folder = makeFolder();
  const path = join(folder, FILES[0]);
  await SqliteStore.open(path, UNLIMITED, { runtime })[Symbol.asyncDispose]();
  const database = new DatabaseSync(path);
  database.exec("UPDATE meta SET value = 'simulation' WHERE name IN ('epoch', 'salt')");
  database.exec("PRAGMA journal_mode = DELETE; VACUUM");
  database.close();
  const content = Deno.readFileSync(path);
  Deno.removeSync(folder, { recursive: true });
  return content;
}

const UNLIMITED: Retention = {
  maxMessages: Infinity,
  maxPrivate: Infinity,
  maxBytes: Infinity,
  maxAgeMs: Infinity,
  keyAgeMs: Infinity,
};

interface DatabaseHooks {
  readonly onOpened: (database: DatabaseSync) => void;
  /** Called before a commit or a checkpoint. Throws if the disk fails. */
  readonly onWrite: () => void;
}

/** Until it is disposed, databases that are opened report what they do; these do so for as long as they live. */
function patchDatabases({ onOpened, onWrite }: DatabaseHooks): Disposable {
  const { prepare, exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    if (sql === "COMMIT") {
      const run = statement.run.bind(statement);
      statement.run = () => {
        onWrite();
        return run();
      };
    }
    if (sql.includes("wal_checkpoint")) {
      const get = statement.get.bind(statement);
      statement.get = () => {
        onWrite();
        return get();
      };
    }
    return statement;
  };
  DatabaseSync.prototype.exec = function (sql) {
    onOpened(this);
    return exec.call(this, sql);
  };
  return {
    [Symbol.dispose]: () => Object.assign(DatabaseSync.prototype, { prepare, exec }),
  };
}

/** Until it is disposed, files that are opened are reported. Syncing them, which would wait for a real disk, does nothing. */
function patchOpen(onOpened: (file: Deno.FsFile) => void): Disposable {
  const { openSync } = Deno;
  Deno.openSync = (path, options) => {
    const file = openSync(path, options);
    file.syncSync = () => {};
    onOpened(file);
    return file;
  };
  return { [Symbol.dispose]: () => void (Deno.openSync = openSync) };
}

function closeFile(file: Deno.FsFile): void {
  try {
    file.close();
  } catch (error) {
    // The process has closed it.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function copyFiles(from: string, to: string): void {
  for (const file of FILES) {
    try {
      Deno.copyFileSync(join(from, file), join(to, file));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** In memory where the machine has a file system for that. */
function makeFolder(): string {
  const prefix = "halley-simulation-";
  try {
    return Deno.makeTempDirSync({ dir: "/dev/shm", prefix });
  } catch {
    return Deno.makeTempDirSync({ prefix });
  }
}
