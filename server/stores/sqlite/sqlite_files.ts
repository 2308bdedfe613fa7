import { dirname } from "node:path";
import * as sqlite from "node:sqlite";
import { newEpoch } from "../epoch_and_salt.ts";
import { createPrivateFile, createPrivateFolder, exists, syncFolder } from "../private_files.ts";
import { supportedVersionOf } from "./sqlite_schema.ts";
import { StoreOpenError } from "../store_open_error.ts";

/** The endings of the files that SQLite has beside a database in use. */
const FILES_BESIDE = ["-wal", "-shm"] as const;

/**
 * Locks a database for this process until disposed. Throws if another process has the lock.
 *
 * Two processes must not write to one log, because both would assign the same ids. The lock is on a separate file: POSIX
 * drops a lock on the database itself as soon as this process closes any other handle to it.
 */
export function lockDatabase(path: string): Disposable {
  createPrivateFolder(path);
  const file = Deno.openSync(`${path}.lock`, { write: true, create: true, mode: 0o600 });
  const lock = tryToLock(file);
  if (lock === undefined) throw new Error("another Halley is using it");
  return lock;
}

/** Whether a process has the lock of a database. */
export function isLocked(path: string): boolean {
  if (!exists(`${path}.lock`)) return false;
  using lock = tryToLock(Deno.openSync(`${path}.lock`, { write: true }));
  return lock === undefined;
}

/** Locks an open file until disposed, and closes it then. If another process has the lock, closes it at once. */
function tryToLock(file: Deno.FsFile): Disposable | undefined {
  const isOwn = file.tryLockSync(true);
  if (!isOwn) {
    file.close();
    return undefined;
  }
  return {
    [Symbol.dispose]: () => {
      // Without it, the lock would last until a process that is just being started closes its copy of the open file.
      file.unlockSync();
      file.close();
    },
  };
}

/** Copies a database, which can be in use, to a new file that only its owner can read. Throws a `StoreOpenError`. */
export async function backUp(path: string, target: string): Promise<void> {
  if (exists(target)) throw new StoreOpenError(`The file "${target}" already exists`);
  try {
    using database = new sqlite.DatabaseSync(path, { readOnly: true });
    checkIsHalley(database);
    createPrivateFile(target);
    // Unlike a copy of the file, this is a consistent snapshot. All pages in one step (-1), because each write between
    // two steps makes the backup start again.
    await sqlite.backup(database, target, { rate: -1 }).catch((error) => {
      Deno.removeSync(target);
      throw error;
    });
    syncFolder(dirname(target));
  } catch (error) {
    throw StoreOpenError.from(path, error);
  }
}

/**
 * Replaces a database with a backup and gives it a new epoch, because readers may know ids that the backup has not
 * assigned yet. The old database is kept as `<path>.replaced`. Throws a `StoreOpenError`; nothing has changed then. After
 * a power failure in between, `path` is either the old database or the new one. `prepare` is called before: when no server uses
 * the old one, and the new one is complete.
 */
export function restore(source: string, path: string, prepare: () => void = () => {}): void {
  withStoreError(source, () => {
    using database = new sqlite.DatabaseSync(source, { readOnly: true });
    checkIsHalley(database);
  });
  withStoreError(path, () => {
    using _ = lockDatabase(path);
    const incoming = `${path}.restoring`;
    // SQLite would apply the WAL that an interrupted restore has left.
    remove(incoming);
    createPrivateFile(incoming);
    Deno.copyFileSync(source, incoming);
    createPrivateFile(incoming);
    setEpoch(incoming);
    prepare();
    keep(path, `${path}.replaced`);
    Deno.renameSync(incoming, path);
    syncFolder(dirname(path));
  });
}

/** Gives a database another name in addition, and removes from its side what SQLite would apply to its successor. */
function keep(path: string, kept: string): void {
  remove(kept);
  if (exists(path)) {
    copyFromWal(path);
    try {
      Deno.linkSync(path, kept);
    } catch {
      // The file system has no links.
      Deno.renameSync(path, kept);
    }
  }
  // A damaged database still has these.
  for (const ending of FILES_BESIDE) {
    if (exists(`${path}${ending}`)) Deno.renameSync(`${path}${ending}`, `${kept}${ending}`);
  }
  syncFolder(dirname(path));
}

/** Completes a database with the changes in its WAL, and removes the WAL, unless the database is damaged. */
function copyFromWal(path: string): void {
  try {
    using database = new sqlite.DatabaseSync(path);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // Its WAL is kept beside it.
  }
}

/** Gives a database that no server uses a new epoch: all readers will see a gap. Throws a `StoreOpenError`. */
export function renewEpoch(path: string): void {
  withStoreError(path, () => {
    using _ = lockDatabase(path);
    setEpoch(path);
  });
}

function setEpoch(path: string): void {
  using database = new sqlite.DatabaseSync(path);
  checkIsHalley(database);
  database.prepare("UPDATE meta SET value = ? WHERE name = 'epoch'").run(newEpoch());
}

function checkIsHalley(database: sqlite.DatabaseSync): void {
  if (supportedVersionOf(database) === 0) throw new Error("it is not a Halley database");
  const [row] = database.prepare("PRAGMA quick_check(1)").all();
  if (row?.quick_check !== "ok") throw new Error(`it is damaged: ${row?.quick_check}`);
}

/** Removes a database, with the files beside it, if it exists. */
function remove(path: string): void {
  for (const ending of ["", ...FILES_BESIDE]) {
    if (exists(`${path}${ending}`)) Deno.removeSync(`${path}${ending}`);
  }
}

function withStoreError(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw StoreOpenError.from(path, error);
  }
}
