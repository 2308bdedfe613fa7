import process from "node:process";
import type { DatabaseSync } from "node:sqlite";
import { errorMessage } from "../../base/error_message.ts";
import type { Runtime } from "../../base/runtime.ts";
import { searchableText } from "../../core/log/search_query.ts";
import { bytesOf, decode, type Entry } from "../../core/model/message.ts";
import type { GroupCommit } from "./group_commit.ts";
import { PacedWork } from "./paced_work.ts";
import { firstOf, WordTables } from "./word_tables.ts";

/** Number of messages whose words are added together, in about 2 ms. Of 200, each takes 1.5 µs longer. */
const PIECE = 500;

/** A piece with longer texts is shorter: with this number of bytes of text, or 16 times that of JSON. */
const PIECE_BYTES = 65_536;
const JSON_PART = 16;

/**
 * The time in ms from one piece to the next, and by how much it is larger, by the number of new messages that wait: adding one
 * takes about 7 µs. 500 per second cost a busy server next to nothing, and 2,000 one hundredth of a core. Above that rate, the
 * index falls behind until it must keep up, because the messages that wait are read by every search.
 */
const LEVELS = [
  { waiting: 131_072, ms: 20, times: 8 },
  { waiting: 65_536, ms: 20, times: 2 },
  { waiting: 16_384, ms: 250, times: 1 },
  { waiting: PIECE, ms: 1_000, times: 1 },
] as const;

/** The time in ms from one piece of old messages to the next, and after a piece of long texts. */
const OLD_PAUSE_MS = 250;

/** Changes with the way in which words are divided, which depends on Unicode: the words of all messages are added anew then. */
const VERSION = `3 ${process.versions.unicode}`;

/** What SQLite says if a table of words is damaged or missing, and not if the disk is full or fails. */
const DAMAGED = /malformed|corrupt|constructor failed|fts5|no such table: (?:main\.)?words_/;

/** The messages whose words are in the tables: those with ids after one and up to another. */
export interface WordRange {
  readonly after: number;
  readonly upTo: number;
}

/** What a {@linkcode WordIndex} gets its messages from. */
export interface WordIndexOptions {
  readonly group: GroupCommit;
  /** The newest id that is committed. */
  readonly newest: () => number;
  readonly runtime: Runtime;
}

/**
 * Keeps the words of the messages of a SQLite log in tables. They are added in the background, piece by piece, so that a send
 * does not wait for it. In a database of an earlier version, after a change of the way in which words are divided, and if the
 * tables are damaged, the words of all messages are added in the same way, newest first.
 *
 * Damage is noticed when the tables are used. They are not used from then on, and replaced by the next piece. If it is noticed
 * only when a transaction ends, that transaction fails, once.
 */
export class WordIndex implements Disposable {
  readonly #tables: WordTables;
  readonly #options: WordIndexOptions;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #adding: PacedWork;
  #range: WordRange;
  #committed: WordRange;
  /** Whether the transaction in progress has changed the tables. */
  #isChanged = false;
  /** Whether the last piece had long texts. */
  #isCut = false;
  /** What is wrong with the tables. */
  #damage: string | undefined;
  /** Whether the transaction in progress has replaced them. */
  #isReplaced = false;
  /** How often the tables were damaged since the start, and what was wrong then. */
  damages: { readonly count: number; readonly last?: string } = { count: 0 };

  constructor(database: DatabaseSync, options: WordIndexOptions) {
    this.#tables = new WordTables(database);
    this.#options = options;
    this.#sql = prepare(database);
    const valueOf = (name: string) => Number(this.#sql.meta.get(name)?.value);
    this.#range = { after: valueOf("words_after"), upTo: valueOf("words_up_to") };
    if (this.#sql.meta.get("words_version")?.value !== VERSION) {
      database.exec("BEGIN IMMEDIATE");
      this.#startAnew();
      database.exec("COMMIT");
    }
    this.#committed = this.#range;
    this.#adding = new PacedWork({
      hasPiece: () =>
        this.waiting >= PIECE || this.#committed.after > 0 || this.#damage !== undefined ||
        this.#tables.hasReplaced,
      doPiece: () => this.#doPiece(),
      pauseMs: () => this.#pauseMs,
      runtime: options.runtime,
    });
  }

  /** The messages whose words are in the tables, as of the last transaction. */
  get range(): WordRange {
    return this.#committed;
  }

  /** The number of new messages whose words are not in the tables. */
  get waiting(): number {
    return this.#options.newest() - this.#committed.upTo;
  }

  /** Must be called after each transaction: there may be words to add. */
  wake(): void {
    this.#adding.wake();
  }

  /** Removes the words of an entry that is removed from the log, in the transaction in progress. */
  remove(entry: Entry): void {
    if (this.#has(entry)) this.#change(() => this.#tables.remove(entry));
  }

  /** Replaces the words of a message, in the transaction in progress. */
  replace(before: Entry, after: Entry): void {
    if (!this.#has(before) || before.text === after.text && before.title === after.title) return;
    this.#change(() => {
      this.#tables.remove(before);
      this.#tables.add([after]);
    });
  }

  /**
   * Removes what is left of the words of messages that are gone from one table, in the transaction in progress; returns
   * whether there was one.
   */
  optimizeOne(): boolean {
    return this.#change(() => this.#tables.optimizeOne()) ?? false;
  }

  /** The newest table that has ids below `before`, given as its first id. */
  newestTableBelow(before: number): number | undefined {
    return this.#tables.newestBelow(before);
  }

  /** Up to `limit` ids of a table, below `before`, of messages that may have the terms, newest first. */
  find(...args: Parameters<WordTables["find"]>): readonly number[] {
    try {
      return this.#tables.find(...args);
    } catch (error) {
      this.#noteDamage(error);
      this.wake();
      return [];
    }
  }

  /** Must be called at the end of each transaction, in it. Throws if the tables are damaged. */
  beforeCommit(): void {
    if (!this.#isChanged || this.#damage !== undefined) return;
    try {
      this.#tables.flush();
    } catch (error) {
      this.#noteDamage(error);
      throw error;
    }
  }

  /** Must be called after each transaction. */
  onTransactionEnd(isCommitted: boolean): void {
    if (isCommitted) this.#committed = this.#range;
    else this.#range = this.#committed;
    if (isCommitted && this.#isReplaced) this.#damage = undefined;
    this.#isChanged = false;
    this.#isReplaced = false;
    this.#tables.onTransactionEnd(isCommitted);
  }

  [Symbol.dispose](): void {
    this.#adding[Symbol.dispose]();
  }

  get #pauseMs(): number {
    const ms = this.#level?.ms ?? OLD_PAUSE_MS;
    return this.#isCut ? Math.min(ms, OLD_PAUSE_MS) : ms;
  }

  get #level() {
    return LEVELS.find(({ waiting }) => this.waiting >= waiting);
  }

  async #doPiece(): Promise<void> {
    const isFirst = this.waiting >= PIECE || this.#damage !== undefined;
    if (!isFirst && this.#tables.hasReplaced) this.#tables.dropReplaced();
    else await this.#options.group.write(() => this.#addPiece());
  }

  /** Adds the words of one piece, in the transaction in progress: of new messages, or else of old ones. */
  #addPiece(): void {
    if (this.#damage !== undefined) this.#startAnew();
    else if (this.waiting >= PIECE) this.#change(() => this.#addNewer(this.#options.newest()));
    else if (this.#range.after > 0) this.#change(() => this.#addOlder());
  }

  #addNewer(newest: number): void {
    const { after, upTo } = this.#range;
    const times = this.#level?.times ?? 1;
    const rows = this.#sql.newer.iterate(upTo, PIECE * times);
    const { entries, isLast } = this.#pieceOf(rows, times);
    this.#tables.add(entries);
    const last = entries.at(-1)?.id ?? newest;
    const end = isLast ? Math.max(last, newest) : last;
    if (firstOf(end) > firstOf(upTo)) this.#tables.complete(upTo);
    this.#setRange({ after, upTo: end });
  }

  #addOlder(): void {
    const { after, upTo } = this.#range;
    const { entries, isLast } = this.#pieceOf(this.#sql.older.iterate(after, PIECE), 1);
    this.#tables.add(entries.toReversed());
    const start = isLast ? 0 : (entries.at(-1)?.id ?? 1) - 1;
    if (start === 0 || firstOf(start) < firstOf(after)) this.#tables.complete(after);
    this.#setRange({ after: start, upTo });
  }

  /** The first of some rows, up to a size, and whether there are no more. `times`: by how much the piece is larger. */
  #pieceOf(rows: Iterable<Readonly<Record<string, unknown>>>, times: number) {
    const entries: Entry[] = [];
    let size = 0;
    for (const { message } of rows) {
      const json = String(message);
      const entry = decode(json);
      entries.push(entry);
      size += bytesOf(searchableText(entry) ?? "") + json.length / JSON_PART;
      if (size >= PIECE_BYTES * times) break;
    }
    this.#isCut = size >= PIECE_BYTES * times;
    return { entries, isLast: !this.#isCut && entries.length < PIECE * times };
  }

  /** Replaces all tables by none, in the transaction in progress. */
  #startAnew(): void {
    this.#tables.replaceAll();
    const newest = Number(this.#sql.newest.get()?.id);
    this.#setRange({ after: newest, upTo: newest });
    this.#sql.setVersion.run(VERSION);
    this.#isReplaced = true;
  }

  /** Changes the tables, in the transaction in progress, unless they are damaged. */
  #change<T>(change: () => T): T | undefined {
    if (this.#damage !== undefined) return undefined;
    this.#isChanged = true;
    try {
      return change();
    } catch (error) {
      this.#noteDamage(error);
      return undefined;
    }
  }

  /** Throws an error that has another cause. */
  #noteDamage(error: unknown): void {
    const reason = errorMessage(error);
    if (!DAMAGED.test(reason)) throw error;
    this.#damage = reason;
    this.damages = { count: this.damages.count + 1, last: reason };
    const { upTo } = this.#committed;
    this.#range = this.#committed = { after: upTo, upTo };
  }

  #has({ id }: Entry): boolean {
    return id > this.#range.after && id <= this.#range.upTo;
  }

  #setRange(range: WordRange): void {
    this.#range = range;
    this.#sql.setMeta.run(range.after, "words_after");
    this.#sql.setMeta.run(range.upTo, "words_up_to");
  }
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    meta: sql("SELECT value FROM meta WHERE name = ?"),
    setMeta: sql("UPDATE meta SET value = ? WHERE name = ?"),
    setVersion: sql("REPLACE INTO meta VALUES ('words_version', ?)"),
    newest: sql("SELECT coalesce(max(id), 0) AS id FROM messages"),
    newer: sql("SELECT id, message FROM messages WHERE id > ? ORDER BY id LIMIT ?"),
    older: sql("SELECT id, message FROM messages WHERE id <= ? ORDER BY id DESC LIMIT ?"),
  };
}
