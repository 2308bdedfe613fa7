import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Entry } from "../../core/model/message.ts";
import type { SearchTerms } from "../../core/model/message_search.ts";
import { placesOf, searchableText } from "../../core/log/search_query.ts";
import { joinedWords } from "../../core/log/words.ts";

/** Number of ids that a table has: so that searching, optimizing or dropping one takes a few ms. */
const IDS = 16_384;

/** The values of the column `is_dirty`: a table that must be optimized, and one that is being optimized. */
const CLEAN = 0;
const DIRTY = 1;
const MERGING = 2;

/** Number of pages that are written at once to optimize a table, in a few ms. */
const MERGED_PAGES = 16;

/** The statements of one table. */
interface Table {
  readonly insert: StatementSync;
  readonly remove: StatementSync;
  readonly find: StatementSync;
}

/**
 * The words of messages, in tables of FTS5, each for a range of ids. A table has no texts, and knows a word by its own
 * divisions only (see `joinedWords`): FTS5 separates at spaces. What is removed is marked first, and leaves the file when the
 * table is optimized; with the option `secure-delete` of FTS5, which removes it at once, trimming took fifty times as long.
 * Knows nothing about transactions, but must be told when one was rolled back.
 */
export class WordTables {
  readonly #database: DatabaseSync;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #tables = new Map<number, Table>();
  /** The tables that were marked as dirty in the transaction in progress. */
  readonly #marked = new Set<number>();
  /** Part of the names of the tables: those of others have been replaced. */
  #generation = 0;
  /** The names of tables that have been replaced. */
  #replaced: readonly string[] = [];

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#sql = prepare(database);
    this.#load();
  }

  /** Adds messages, oldest first. */
  add(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const row = rowOf(entry);
      if (row === undefined) continue;
      const first = firstOf(entry.id);
      const table = this.#tableOf(first) ?? this.#create(first);
      table.insert.run(entry.id, ...row);
    }
  }

  /** Removes messages that were added, given their contents then. */
  remove(entry: Entry): void {
    const first = firstOf(entry.id);
    const table = this.#tableOf(first);
    if (table === undefined) return;
    const row = rowOf(entry);
    if (row !== undefined) table.remove.run(entry.id, ...row);
    if (this.#marked.has(first)) return;
    // Also for an entry without words, which may have been the last one of its table.
    this.#sql.setState.run(DIRTY, first);
    this.#marked.add(first);
  }

  /** The newest table that has ids below `before`, given as its first id. */
  newestBelow(before: number): number | undefined {
    const row = this.#sql.newestBelow.get(before);
    return typeof row?.first === "number" ? row.first : undefined;
  }

  /** Up to `limit` ids of one table, below `before`, of messages that may have the terms, newest first. */
  find(
    first: number,
    terms: SearchTerms,
    { before, limit }: { readonly before: number; readonly limit: number },
  ): readonly number[] {
    const rows = this.#tableOf(first)?.find.all(matchOf(terms), terms.after, before, limit) ?? [];
    return rows.map(({ id }) => Number(id));
  }

  /** Does a part of optimizing one table, of a few ms; returns whether there was one to optimize. */
  optimizeOne(): boolean {
    const row = this.#sql.dirty.get();
    if (row === undefined) return false;
    const first = Number(row.first);
    if (this.#sql.anyMessage.get(first, first + IDS) === undefined) {
      this.#tables.delete(first);
      this.#database.exec(`DROP TABLE ${this.#nameOf(first)}`);
      this.#sql.forget.run(first);
    } else {
      this.#merge(first, Number(row.state));
    }
    return true;
  }

  /** See "merge" in https://sqlite.org/fts5.html: a negative number begins, and a part that changes nothing is the last one. */
  #merge(first: number, state: number): void {
    const name = this.#nameOf(first);
    const before = this.#changes;
    const pages = state === DIRTY ? -MERGED_PAGES : MERGED_PAGES;
    this.#database.exec(`INSERT INTO ${name} (${name}, rank) VALUES ('merge', ${pages})`);
    const isDone = this.#changes - before < 2;
    this.#sql.setState.run(isDone ? CLEAN : MERGING, first);
  }

  /** The number of changes of the database so far. */
  get #changes(): number {
    return Number(this.#sql.changes.get()?.count);
  }

  /** Replaces all tables by none, in the transaction in progress. They are dropped later. */
  replaceAll(): void {
    this.#sql.forgetAll.run();
    if (this.#sql.all.get() !== undefined) this.#sql.setGeneration.run(this.#generation + 1);
    this.#load();
  }

  /** Whether there are tables that have been replaced. */
  get hasReplaced(): boolean {
    return this.#replaced.length > 0;
  }

  /**
   * Drops one of them, in a transaction of its own, which must not be in progress: one that is damaged so that it cannot be
   * dropped stays in the file until the next start tries again.
   */
  dropReplaced(): void {
    const [name, ...others] = this.#replaced;
    this.#replaced = others;
    if (name === undefined) return;
    try {
      this.#database.exec(`DROP TABLE ${name}`);
    } catch {
      // Nothing refers to it.
    }
  }

  /** Writes what was added and removed to the tables, in the transaction in progress: otherwise, its end does. Throws if it fails. */
  flush(): void {
    this.#sql.savepoint.run();
    this.#sql.release.run();
  }

  /** Must be called when a table is complete, so that it is optimized. */
  complete(id: number): void {
    this.#sql.setState.run(DIRTY, firstOf(id));
  }

  /** Must be called after each transaction. */
  onTransactionEnd(isCommitted: boolean): void {
    this.#marked.clear();
    if (!isCommitted) this.#load();
  }

  /** Reads which tables there are. */
  #load(): void {
    this.#tables.clear();
    this.#generation = Number(this.#sql.generation.get()?.value ?? 0);
    const current = new RegExp(`^${this.#prefix}\\d+$`);
    this.#replaced = this.#sql.all.all().map(({ name }) => String(name))
      .filter((name) => !current.test(name));
  }

  get #prefix(): string {
    return this.#generation === 0 ? "words_" : `words_${this.#generation}_`;
  }

  #nameOf(first: number): string {
    return this.#prefix + first / IDS;
  }

  #tableOf(first: number): Table | undefined {
    const known = this.#tables.get(first);
    if (known !== undefined || this.#sql.table.get(first) === undefined) return known;
    return this.#prepare(first);
  }

  #create(first: number): Table {
    // The tokenizer of FTS5 sees only words that are divided already, and addresses of places.
    const name = this.#nameOf(first);
    // A table is merged once, when it is complete: merged again and again, a message took a quarter longer.
    this.#database.exec(`
      CREATE VIRTUAL TABLE ${name} USING fts5(
        words, places, content = '', columnsize = 0, tokenize = "ascii tokenchars '-_.:'");
      INSERT INTO ${name} (${name}, rank) VALUES ('automerge', 0), ('crisismerge', 64)`);
    this.#sql.create.run(first);
    return this.#prepare(first);
  }

  #prepare(first: number): Table {
    const name = this.#nameOf(first);
    const sql = (text: string) => this.#database.prepare(text);
    const table = {
      insert: sql(`INSERT INTO ${name} (rowid, words, places) VALUES (?, ?, ?)`),
      remove: sql(`INSERT INTO ${name} (${name}, rowid, words, places) VALUES ('delete', ?, ?, ?)`),
      find: sql(`
        SELECT rowid AS id FROM ${name}
        WHERE ${name} MATCH ? AND rowid > ? AND rowid < ? ORDER BY rowid DESC LIMIT ?`),
    };
    this.#tables.set(first, table);
    return table;
  }
}

/** The first id of the table of a message. */
export function firstOf(id: number): number {
  return id - id % IDS;
}

/** The columns of a message; `undefined` if it has no words. */
function rowOf(entry: Entry): readonly [words: string, places: string] | undefined {
  const text = searchableText(entry);
  if (text === undefined) return undefined;
  const places = [...placesOf(entry), ...senderOf(entry.from?.publicToken)];
  return [joinedWords(text), places.join(" ")];
}

/** The place of what somebody has sent. */
function senderOf(publicToken: string | undefined): readonly string[] {
  return publicToken === undefined ? [] : [`from:${publicToken}`];
}

/** An expression for FTS5. Words contain no quotes, and neither do places, so nothing in them has a meaning for it. */
function matchOf({ phrases, places, from }: SearchTerms): string {
  const words = phrases.map(({ words, isPrefix }) => `"${words.join(" ")}"${isPrefix ? "*" : ""}`);
  const anywhere = places.map((place) => `"${place}"`).join(" OR ");
  const sender = senderOf(from).map((place) => ` AND places : "${place}"`).join("");
  return `words : (${words.join(" AND ")}) AND places : (${anywhere})${sender}`;
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    table: sql("SELECT 1 FROM word_tables WHERE first = ?"),
    create: sql("INSERT INTO word_tables VALUES (?, 0)"),
    forget: sql("DELETE FROM word_tables WHERE first = ?"),
    forgetAll: sql("DELETE FROM word_tables"),
    generation: sql("SELECT value FROM meta WHERE name = 'words_generation'"),
    setGeneration: sql("REPLACE INTO meta VALUES ('words_generation', ?)"),
    all: sql(String.raw`
      SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE words\_%' ESCAPE '\'`),
    savepoint: sql("SAVEPOINT words"),
    release: sql("RELEASE words"),
    setState: sql("UPDATE word_tables SET is_dirty = ? WHERE first = ?"),
    dirty: sql(`
      SELECT first, is_dirty AS state FROM word_tables WHERE is_dirty > 0 ORDER BY first LIMIT 1`),
    changes: sql("SELECT total_changes() AS count"),
    newestBelow: sql("SELECT max(first) AS first FROM word_tables WHERE first < ?"),
    anyMessage: sql("SELECT 1 FROM messages WHERE id >= ? AND id < ? LIMIT 1"),
  };
}
