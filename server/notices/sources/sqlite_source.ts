import { sourceName } from "./notice_database.ts";
import {
  asTable,
  columnFault,
  type Dialect,
  lastKeysQuery,
  pageQuery,
  rowOf,
  standardQuery,
} from "./notice_query.ts";
import { type NoticeRow, type NoticeSource, otherKeys, SourceError } from "./notice_source.ts";
import { firstKey, formatKey, parseKey, type SqliteKey } from "./sqlite_key.ts";
import { type Found, SqliteQueries } from "./sqlite_queries.ts";

/** How a source is read. */
export interface SqliteSourceOptions {
  readonly path: string;
  /** Instead of the one for the table `system_messages`; its parameter is `?`. */
  readonly query: string | undefined;
  /** How long (ms) a query may take. */
  readonly timeLimit: number;
}

const DIALECT: Dialect = { parameter: "?1", key: "notices.key" };

/** https://sqlite.org/rescode.html: somebody else has locked the file, or it is not there. */
const AWAY: readonly number[] = [5, 6, 14];

/** A query in a SQLite file, which is read and never written. */
export class SqliteSource implements NoticeSource {
  readonly name: string;
  readonly #options: SqliteSourceOptions;
  readonly #query: string;
  readonly #queries: SqliteQueries;
  #columns: Found["columns"] = [];

  constructor(options: SqliteSourceOptions) {
    this.name = sourceName({ kind: "sqlite", path: options.path });
    this.#options = options;
    this.#query = options.query ?? standardQuery("?");
    this.#queries = new SqliteQueries(options.timeLimit);
  }

  async check(): Promise<void> {
    const { columns } = await this.#ask(`SELECT * FROM ${asTable(this.#query)} LIMIT 0`);
    this.#columns = columns.map(({ name, type }) => ({ name: name.toLowerCase(), type }));
    const fault = columnFault(this.#columns.map(({ name }) => name));
    if (fault !== undefined) throw this.#error("wrong", fault);
    const page = pageQuery(this.#query, this.#names, DIALECT);
    const [row] = (await this.#ask(`${page} LIMIT 1`, this.#first)).rows;
    if (row !== undefined && formatKey(row.key) === undefined) {
      throw this.#error("wrong", "a key must be a number or a text");
    }
    if (await this.#takes(page, this.#first, null)) {
      throw this.#error("wrong", "the query has more than one parameter; ?1 is the same each time");
    }
  }

  async resume(after: string): Promise<void> {
    const [last] = await this.lastKeys(1);
    // SQLite compares what it is given: to numbers, each text comes after all of them.
    if (last === undefined || isText(last) === isText(after)) return;
    throw this.#error("wrong", otherKeys(after));
  }

  async lastKeys(limit: number): Promise<readonly string[]> {
    const sql = lastKeysQuery(this.#query, DIALECT);
    const { rows } = await this.#ask(`${sql} LIMIT ${limit}`, this.#first);
    return rows.flatMap(({ key }) => keyOf(key));
  }

  async read(after: string | undefined, limit: number): Promise<readonly NoticeRow[]> {
    const sql = `${pageQuery(this.#query, this.#names, DIALECT)} LIMIT ${limit}`;
    const { rows } = await this.#ask(sql, after === undefined ? this.#first : parseKey(after));
    return rows.flatMap(({ key, ...values }) => keyOf(key).map((key) => rowOf(key, values)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#queries[Symbol.dispose]();
    return Promise.resolve();
  }

  get #names(): readonly string[] {
    return this.#columns.map(({ name }) => name);
  }

  get #first(): SqliteKey {
    return firstKey(this.#columns.find(({ name }) => name === "key")?.type ?? null);
  }

  /** Whether SQLite finds a place for so many parameters. */
  async #takes(sql: string, ...parameters: readonly (SqliteKey | null)[]): Promise<boolean> {
    const answer = await this.#queries.ask(this.#options.path, `${sql} LIMIT 0`, ...parameters);
    return answer !== undefined && "rows" in answer;
  }

  async #ask(sql: string, ...parameters: readonly SqliteKey[]): Promise<Found> {
    const { path, timeLimit } = this.#options;
    const answer = await this.#queries.ask(path, sql, ...parameters);
    if (answer === undefined) throw this.#error("away", `no answer within ${timeLimit} ms`);
    if ("rows" in answer) return answer;
    if (/column index out of range/.test(answer.error)) {
      throw this.#error("wrong", "the query's parameter is not written as ? or ?1");
    }
    const isAway = AWAY.includes(answer.code & 0xff) || /^unable to open/.test(answer.error);
    throw this.#error(isAway ? "away" : "wrong", answer.error);
  }

  #error(kind: "away" | "wrong", reason: string): SourceError {
    return SourceError.of(kind, this.name, reason);
  }
}

/** A blob is no key, and comes after all others. */
function keyOf(value: unknown): readonly string[] {
  const key = formatKey(value);
  return key === undefined ? [] : [key];
}

function isText(key: string): boolean {
  return typeof parseKey(key) === "string";
}
