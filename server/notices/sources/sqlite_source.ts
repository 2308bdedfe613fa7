import { TimeoutError } from "../../base/deadline.ts";
import { sourceName } from "./notice_database.ts";
import {
  asTable,
  checkColumns,
  type Dialect,
  lastKeysQuery,
  pageQuery,
  rowOf,
  standardQuery,
} from "./notice_query.ts";
import {
  describeKeyMismatch,
  type NoticeRow,
  type NoticeSource,
  SourceError,
  type SourceFailure,
} from "./notice_source.ts";
import { firstKey, formatKey, parseKey, type SqliteKey } from "./sqlite_key.ts";
import { type SqliteAnswer, SqliteQueries, type SqliteResult } from "./sqlite_queries.ts";

/** What to read, and how. */
export interface SqliteSourceOptions {
  readonly path: string;
  /** The query to read, with the parameter `?`; `undefined` for the table `system_messages`. */
  readonly query: string | undefined;
  /** Maximum duration of a query. */
  readonly timeoutMs: number;
}

const DIALECT: Dialect = { parameter: "?1", key: "notices.key" };

/** SQLITE_BUSY, SQLITE_LOCKED and SQLITE_CANTOPEN: https://sqlite.org/rescode.html */
const TEMPORARY: readonly number[] = [5, 6, 14];

/** A source that reads an SQLite file. It opens the file read-only. */
export class SqliteSource implements NoticeSource {
  readonly name: string;
  readonly #options: SqliteSourceOptions;
  readonly #query: string;
  readonly #queries: SqliteQueries;
  #columns: SqliteResult["columns"] = [];

  constructor(options: SqliteSourceOptions) {
    this.name = sourceName({ kind: "sqlite", path: options.path });
    this.#options = options;
    this.#query = options.query ?? standardQuery("?");
    this.#queries = new SqliteQueries(options.timeoutMs);
  }

  async check(): Promise<void> {
    const { columns } = await this.#select(`SELECT * FROM ${asTable(this.#query)} LIMIT 0`);
    this.#columns = columns.map(({ name, type }) => ({ name: name.toLowerCase(), type }));
    const problem = checkColumns(this.#names);
    if (problem !== undefined) throw this.#misconfigured(problem);
    const page = pageQuery(this.#query, this.#names, DIALECT);
    const [row] = (await this.#select(`${page} LIMIT 1`, this.#firstKey)).rows;
    if (row !== undefined && formatKey(row.key) === undefined) {
      throw this.#misconfigured("a key must be a number or a text");
    }
    if (await this.#acceptsParameters(page, [this.#firstKey, null])) {
      throw this.#misconfigured("the query has more than one parameter: write ?1 everywhere");
    }
  }

  async checkKey(key: string): Promise<void> {
    const [last] = await this.lastKeys(1);
    // SQLite compares values of different types: every text comes after all numbers.
    if (last === undefined || isText(last) === isText(key)) return;
    throw this.#misconfigured(describeKeyMismatch(key));
  }

  async lastKeys(limit: number): Promise<readonly string[]> {
    const sql = lastKeysQuery(this.#query, DIALECT);
    const { rows } = await this.#select(`${sql} LIMIT ${limit}`, this.#firstKey);
    return rows.flatMap(({ key }) => keyOf(key));
  }

  async read(after: string | undefined, limit: number): Promise<readonly NoticeRow[]> {
    const sql = `${pageQuery(this.#query, this.#names, DIALECT)} LIMIT ${limit}`;
    const { rows } = await this.#select(
      sql,
      after === undefined ? this.#firstKey : parseKey(after),
    );
    return rows.flatMap(({ key, ...values }) => keyOf(key).map((key) => rowOf(key, values)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#queries[Symbol.dispose]();
    return Promise.resolve();
  }

  get #names(): readonly string[] {
    return this.#columns.map(({ name }) => name);
  }

  get #firstKey(): SqliteKey {
    return firstKey(this.#columns.find(({ name }) => name === "key")?.type ?? null);
  }

  async #acceptsParameters(sql: string, parameters: readonly (SqliteKey | null)[]) {
    return "rows" in await this.#execute(`${sql} LIMIT 0`, parameters);
  }

  async #select(sql: string, ...parameters: readonly SqliteKey[]): Promise<SqliteResult> {
    const answer = await this.#execute(sql, parameters);
    if ("rows" in answer) return answer;
    if (/column index out of range/.test(answer.error)) {
      throw this.#misconfigured("the query's parameter must be written as ? or ?1");
    }
    const isTemporary = TEMPORARY.includes(answer.code & 0xff) ||
      /^unable to open/.test(answer.error);
    const kind = isTemporary ? "unavailable" : "misconfigured";
    throw this.#error({ kind, reason: answer.error });
  }

  async #execute(sql: string, parameters: readonly (SqliteKey | null)[]): Promise<SqliteAnswer> {
    try {
      return await this.#queries.query(this.#options.path, sql, parameters);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      throw this.#error({ kind: "unavailable", reason: error.message, cause: error });
    }
  }

  #misconfigured(reason: string): SourceError {
    return this.#error({ kind: "misconfigured", reason });
  }

  #error(failure: SourceFailure): SourceError {
    return new SourceError(this.name, failure);
  }
}

/** A blob is not a valid key, and comes after all others. */
function keyOf(value: unknown): readonly string[] {
  const key = formatKey(value);
  return key === undefined ? [] : [key];
}

function isText(key: string): boolean {
  return typeof parseKey(key) === "string";
}
