import process from "node:process";
import type { DatabaseSync } from "node:sqlite";
import type { Runtime } from "../../base/runtime.ts";
import { decode, type Entry } from "../../core/model/message.ts";
import type { MessageSearch, SearchPortion, SearchTerms } from "../../core/model/message_search.ts";
import { hasTerms } from "../../core/log/search_query.ts";
import type { GroupCommit } from "./group_commit.ts";
import { PacedWork } from "./paced_work.ts";
import { firstOf, WordTables } from "./word_tables.ts";

/** Number of messages whose words are added together, in about 2 ms. Of 200, each takes 1.5 µs longer. */
const PIECE = 500;

/**
 * The time in ms from one piece to the next, by the number of new messages that wait: adding one takes about 7 µs. 500 per
 * second cost a busy server next to nothing, and 2,000 one hundredth of a core. Above that rate, the index falls behind until
 * it must keep up, because the messages that wait are read by every search.
 */
const PAUSES = [
  { waiting: 65_536, ms: 20 },
  { waiting: 16_384, ms: 250 },
  { waiting: PIECE, ms: 1_000 },
] as const;

/** The time in ms from one piece of old messages to the next. */
const OLD_PAUSE_MS = 250;

/** Number of messages without words in the index that are searched together. */
const WINDOW = 256;

/** Windows and tables are searched at once until this time in ms has passed. */
const SLICE_MS = 2;

/** Changes with the way in which words are divided, which depends on Unicode: the words of all messages are added anew then. */
const VERSION = `1 ${process.versions.unicode}`;

/** The messages whose words are in the tables: those with ids after one and up to another. */
interface WordRange {
  readonly after: number;
  readonly upTo: number;
}

/** What was found, as JSON: see `SearchPortion`. */
export interface StoredPortion {
  readonly messages: readonly string[];
  readonly before: number | undefined;
  readonly unindexed: number;
}

/** What {@linkcode SqliteSearch} reads messages from. */
interface SearchSource {
  readonly group: GroupCommit;
  /** The JSON of an entry as readers get it. */
  readonly jsonOf: (id: number) => string | undefined;
  /** The newest ids that are committed, and durable. */
  readonly newest: () => { readonly committed: number; readonly durable: number };
  readonly runtime: Runtime;
}

/**
 * Finds messages of a SQLite log by their words. These are added to tables in the background, piece by piece, so that a send
 * does not wait for it; the newest messages, which are not in the tables yet, are read to search them. In a database of an
 * earlier version, and after a change of the way in which words are divided, the words of all messages are added in the same
 * way, newest first.
 */
export class SqliteSearch implements MessageSearch, Disposable {
  readonly #tables: WordTables;
  readonly #source: SearchSource;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #adding: PacedWork;
  #range: WordRange;
  #committed: WordRange;

  constructor(database: DatabaseSync, source: SearchSource) {
    this.#tables = new WordTables(database);
    this.#source = source;
    this.#sql = prepare(database);
    const valueOf = (name: string) => Number(this.#sql.meta.get(name)?.value);
    if (this.#sql.meta.get("words_version")?.value !== VERSION) this.#startAnew(database);
    this.#range = { after: valueOf("words_after"), upTo: valueOf("words_up_to") };
    this.#committed = this.#range;
    this.#adding = new PacedWork({
      hasPiece: () => this.#behind >= PIECE || this.#committed.after > 0,
      doPiece: () => source.group.write(() => this.#addPiece()),
      pauseMs: () => PAUSES.find(({ waiting }) => this.#behind >= waiting)?.ms ?? OLD_PAUSE_MS,
      runtime: source.runtime,
    });
  }

  /** Must be called after each transaction: there may be words to add. */
  wake(): void {
    this.#adding.wake();
  }

  /** Removes the words of an entry that is removed from the log, in the transaction in progress. */
  remove(entry: Entry): void {
    if (this.#has(entry)) this.#tables.remove(entry);
  }

  /** Replaces the words of a message, in the transaction in progress. */
  replace(before: Entry, after: Entry): void {
    if (!this.#has(before) || before.text === after.text && before.title === after.title) return;
    this.#tables.remove(before);
    this.#tables.add([after]);
  }

  /**
   * Removes what is left of the words of messages that are gone from one table, in the transaction in progress; returns
   * whether there was one.
   */
  optimizeOne(): boolean {
    return this.#tables.optimizeOne();
  }

  find(terms: SearchTerms, before: number, limit: number): Promise<SearchPortion> {
    const { messages, ...portion } = this.findStored(terms, before, limit);
    return Promise.resolve({ ...portion, messages: messages.map(decode) });
  }

  /** {@linkcode find} without decoding what is found. */
  findStored(terms: SearchTerms, before: number, limit: number): StoredPortion {
    const start = Math.min(before, this.#source.newest().durable + 1);
    const { after, upTo } = this.#committed;
    const found = start > upTo + 1
      ? this.#read(terms, start, limit)
      : this.#lookUp({ ...terms, after: Math.max(terms.after, after) }, start, limit);
    if (after === 0) return { ...found, unindexed: 0 };
    return { ...found, unindexed: Math.max(0, after + 1 - Number(this.#sql.oldest.get()?.id)) };
  }

  /** Must be called after each transaction. */
  onTransactionEnd(isCommitted: boolean): void {
    if (isCommitted) this.#committed = this.#range;
    else this.#range = this.#committed;
    this.#tables.onTransactionEnd(isCommitted);
  }

  [Symbol.dispose](): void {
    this.#adding[Symbol.dispose]();
  }

  /** Searches the newest messages, whose words are not in the tables. */
  #read(terms: SearchTerms, start: number, limit: number) {
    const { runtime } = this.#source;
    const { upTo } = this.#committed;
    const end = Math.max(terms.after, upTo) + 1;
    const slice = runtime.fromNow(SLICE_MS);
    const messages: string[] = [];
    for (let before = start; before > end;) {
      const from = Math.max(end, before - WINDOW);
      const rows = this.#sql.withPart.all(from, before, `%${longestWord(terms)}%`);
      messages.push(...rows.flatMap(({ id }) => this.#entryWith(terms, Number(id))));
      before = from;
      if (messages.length >= limit || runtime.hasPassed(slice)) return { messages, before };
    }
    return { messages, before: terms.after >= upTo ? undefined : end };
  }

  /** Searches one table after another. */
  #lookUp(terms: SearchTerms, start: number, limit: number) {
    const { runtime } = this.#source;
    const end = runtime.fromNow(SLICE_MS);
    for (let before = start;;) {
      const first = this.#tables.newestBelow(before);
      if (first === undefined || before <= terms.after + 1) {
        return { messages: [], before: undefined };
      }
      const ids = this.#tables.find(first, terms, { before, limit });
      before = ids.length < limit ? first : ids.at(-1) ?? first;
      const messages = ids.flatMap((id) => this.#entryWith(terms, id));
      if (ids.length > 0 || runtime.hasPassed(end)) return { messages, before };
    }
  }

  /** The JSON of an entry if it has the terms: the index names candidates, and may be ahead of what is durable. */
  #entryWith(terms: SearchTerms, id: number): readonly string[] {
    const json = this.#source.jsonOf(id);
    return json !== undefined && hasTerms(decode(json), terms) ? [json] : [];
  }

  /** Removes the words of all messages, which are in the tables of an earlier version. */
  #startAnew(database: DatabaseSync): void {
    database.exec("BEGIN IMMEDIATE");
    this.#tables.removeAll();
    const newest = Number(this.#sql.newest.get()?.id);
    this.#setRange({ after: newest, upTo: newest });
    this.#sql.setVersion.run(VERSION);
    database.exec("COMMIT");
  }

  /** The number of new messages whose words are not in the tables. */
  get #behind(): number {
    return this.#source.newest().committed - this.#committed.upTo;
  }

  /** Adds the words of one piece, in the transaction in progress: of new messages, or else of old ones. */
  #addPiece(): void {
    if (this.#behind >= PIECE) this.#addNewer(this.#source.newest().committed);
    else if (this.#range.after > 0) this.#addOlder();
  }

  #addNewer(newest: number): void {
    const { after, upTo } = this.#range;
    const rows = this.#sql.newer.all(upTo, PIECE);
    this.#tables.add(rows.map(entryOf));
    const last = Number(rows.at(-1)?.id ?? newest);
    const end = rows.length < PIECE ? Math.max(last, newest) : last;
    if (firstOf(end) > firstOf(upTo)) this.#tables.complete(upTo);
    this.#setRange({ after, upTo: end });
  }

  #addOlder(): void {
    const { after, upTo } = this.#range;
    const rows = this.#sql.older.all(after, PIECE).reverse();
    this.#tables.add(rows.map(entryOf));
    const start = rows.length < PIECE ? 0 : Number(rows[0]?.id) - 1;
    if (start === 0 || firstOf(start) < firstOf(after)) this.#tables.complete(after);
    this.#setRange({ after: start, upTo });
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

function entryOf({ message }: Readonly<Record<string, unknown>>): Entry {
  return decode(String(message));
}

/** The word that most likely is in the fewest messages. */
function longestWord({ phrases }: SearchTerms): string {
  return phrases.flatMap(({ words }) => words)
    .reduce((longest, word) => word.length > longest.length ? word : longest, "");
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    meta: sql("SELECT value FROM meta WHERE name = ?"),
    setMeta: sql("UPDATE meta SET value = ? WHERE name = ?"),
    setVersion: sql("REPLACE INTO meta VALUES ('words_version', ?)"),
    newest: sql("SELECT coalesce(max(id), 0) AS id FROM messages"),
    oldest: sql("SELECT coalesce(min(id), 1) AS id FROM messages"),
    newer: sql("SELECT id, message FROM messages WHERE id > ? ORDER BY id LIMIT ?"),
    older: sql("SELECT id, message FROM messages WHERE id <= ? ORDER BY id DESC LIMIT ?"),
    // Only in ASCII, a text that has a word also contains the characters of the word.
    withPart: sql(`
      SELECT id FROM messages
      WHERE id >= ? AND id < ? AND (message LIKE ? OR octet_length(message) > length(message))
      ORDER BY id DESC`),
  };
}
