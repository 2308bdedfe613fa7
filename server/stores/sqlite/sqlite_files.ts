import { dirname } from "node:path";
// Not by its name: a Deno of before 2.7 has no backup, and would not start.
import * as sqlite from "node:sqlite";
import { newEpoch } from "../random_names.ts";
import { versionOf } from "./sqlite_schema.ts";
import { StoreOpenError } from "../store_open_error.ts";

/**
 * Takes a database for this process alone, until disposed. Throws when another one has it.
 *
 * Two processes must not write one log: each would give out ids of its own. The lock is on a file of its own, since a
 * lock on the database itself would be lost whenever somebody opens and closes it in this process.
 */
export function lockDatabase(path: string): Disposable {
  Deno.mkdirSync(dirname(path), { recursive: true });
  const file = Deno.openSync(`${path}.lock`, { write: true, create: true });
  if (file.tryLockSync(true)) return file;
  file.close();
  throw new Error("another Halley is using it");
}

/** Copies a database, which may be in use, into a new file. Throws `StoreOpenError`. */
export async function backUp(path: string, target: string): Promise<void> {
  try {
    using database = new sqlite.DatabaseSync(path, { readOnly: true });
    expectHalley(database);
    if (isThere(target)) throw new Error(`"${target}" is there already`);
    // Unlike a copy of the file, this is one state of the database, whatever is written meanwhile.
    await sqlite.backup(database, target);
  } catch (error) {
    throw StoreOpenError.from(path, error);
  }
}

/**
 * Puts a backup in a database's place, which is kept beside it as `<path>.replaced`, and gives it a new epoch: its
 * readers know ids that it has not given out yet. Throws `StoreOpenError`; then nothing has changed.
 */
export function restore(source: string, path: string): void {
  explaining(source, () => {
    using database = new sqlite.DatabaseSync(source, { readOnly: true });
    expectHalley(database);
  });
  explaining(path, () => {
    using _ = lockDatabase(path);
    const incoming = `${path}.restoring`;
    Deno.copyFileSync(source, incoming);
    setEpoch(incoming);
    for (const ending of ["", "-wal", "-shm"]) {
      moveIfThere(`${path}${ending}`, `${path}.replaced${ending}`);
    }
    Deno.renameSync(incoming, path);
  });
}

/** Gives a database that no server uses a new epoch: every reader is told of a gap. Throws `StoreOpenError`. */
export function renewEpoch(path: string): void {
  explaining(path, () => {
    using _ = lockDatabase(path);
    setEpoch(path);
  });
}

function setEpoch(path: string): void {
  using database = new sqlite.DatabaseSync(path);
  expectHalley(database);
  database.prepare("UPDATE meta SET value = ? WHERE name = 'epoch'").run(newEpoch());
}

function expectHalley(database: sqlite.DatabaseSync): void {
  if (versionOf(database) === 0) throw new Error("it is no database of Halley's");
  const [row] = database.prepare("PRAGMA quick_check(1)").all();
  if (row?.quick_check !== "ok") throw new Error(`it is damaged: ${row?.quick_check}`);
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function explaining(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw StoreOpenError.from(path, error);
  }
}
