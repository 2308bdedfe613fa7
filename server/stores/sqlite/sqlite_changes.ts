import type { DatabaseSync } from "node:sqlite";
import {
  changedBy,
  changedMessage,
  changeFrom,
  referenceOf,
  refusalOf,
  resolveChange,
} from "../../core/model/change.ts";
import { errorMessage } from "../../base/error_message.ts";
import { bytesOf, decode, type Draft, type Entry, ownerOf } from "../../core/model/message.ts";
import { Refused } from "../../core/model/refused.ts";
import type { SqliteTrimmer } from "./sqlite_trimmer.ts";
import type { WordIndex } from "./word_index.ts";

/** When a client should try again after a failure of the disk, in ms. */
const RETRY_MS = 2_000;

/** A change of a message as readers get it, and as it is stored. */
export interface AppliedChange {
  readonly json: string;
  readonly row: string;
}

/**
 * Changes messages of a SQLite log. A message has one row, with its content as it is now; a change only refers to it. Until a
 * change is durable, readers get the content before it, which is in memory.
 */
export class SqliteChanges {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #trimmer: SqliteTrimmer;
  readonly #words: WordIndex;
  /** Whether the write-ahead log may contain what changes have replaced. */
  #isLeft = true;
  /** The messages before the changes that are not durable, in the order of the changes. */
  #before: { readonly change: number; readonly id: number; readonly json: string }[] = [];

  constructor(
    database: DatabaseSync,
    { trimmer, words }: { readonly trimmer: SqliteTrimmer; readonly words: WordIndex },
  ) {
    this.#sql = prepare(database);
    this.#trimmer = trimmer;
    this.#words = words;
  }

  /** The JSON of an entry as readers get it. */
  jsonOf(id: number): string | undefined {
    const before = this.#before.find((one) => one.id === id);
    if (before !== undefined) return before.json;
    const row = this.#sql.message.get(id);
    return row && this.resolve(String(row.message));
  }

  /** The JSON of an entry as readers get it, given its row. */
  resolve(row: string): string {
    const changed = changedBy(row);
    return changed === undefined ? row : resolveChange(row, this.jsonOf(changed));
  }

  /** Replaces the content of a message, in the transaction in progress. `id` and `at` are those of the change. */
  apply(draft: Draft, { id, at }: { readonly id: number; readonly at: number }): AppliedChange {
    const { changes = 0 } = draft;
    const row = this.#sql.message.get(changes);
    const before = row && String(row.message);
    const old = before ? decode(before) : undefined;
    const refused = refusalOf(draft, old);
    if (refused || !before || !old) throw refused;
    const message = changedMessage(old, draft, at);
    const json = JSON.stringify(message);
    this.#before.push({ change: id, id: changes, json: before });
    this.#isLeft = true;
    this.#sql.replace.run(json, changes);
    this.#words.replace(old, message);
    this.#resize({ entry: old, bytes: bytesOf(before) }, { entry: message, bytes: bytesOf(json) });
    const entry = changeFrom({ id, at, message });
    return { json: JSON.stringify(entry), row: referenceOf(entry) };
  }

  /** Must be called when anything else was erased: it leaves the write-ahead log too with the next {@linkcode clean}. */
  cleanLater(): void {
    this.#isLeft = true;
  }

  /**
   * Removes what changes have replaced from the write-ahead log. Must not be called in a transaction. Throws
   * `store_unavailable` if the disk is full or fails: the next sweep tries again.
   */
  clean(): void {
    if (!this.#isLeft) return;
    try {
      // A reader, such as a backup, can prevent it.
      this.#isLeft = Number(this.#sql.empty.get()?.busy) !== 0;
    } catch (error) {
      const reason = `Cannot write to the store: ${errorMessage(error)}`;
      throw new Refused("store_unavailable", reason, RETRY_MS);
    }
  }

  /** Must be called when the log is durable up to an id. */
  onDurable(upTo: number): void {
    if (this.#before.length > 0) this.#before = this.#before.filter(({ change }) => change > upTo);
  }

  /** Must be called when the entries after an id are rolled back. */
  onRollback(newest: number): void {
    this.#before = this.#before.filter(({ change }) => change <= newest);
  }

  /** A message without a sender takes another share of the log. */
  #resize(before: Sized, after: Sized): void {
    const [from, to] = [ownerOf(before.entry), ownerOf(after.entry)];
    const { id } = after.entry;
    if (from === to) return this.#trimmer.grow(from, after.bytes - before.bytes);
    this.#sql.removeTopic.run(from, id);
    this.#trimmer.remove(from, before.bytes);
    this.#trimmer.add(to, { id, bytes: after.bytes });
  }
}

/** A message and its size. */
interface Sized {
  readonly entry: Entry;
  readonly bytes: number;
}

function prepare(database: DatabaseSync) {
  return {
    removeTopic: database.prepare("DELETE FROM filings WHERE topic = ? AND id = ?"),
    message: database.prepare("SELECT message FROM messages WHERE id = ?"),
    empty: database.prepare("PRAGMA wal_checkpoint(TRUNCATE)"),
    replace: database.prepare("UPDATE messages SET message = ? WHERE id = ?"),
  };
}
