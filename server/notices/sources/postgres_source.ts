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
import { explainPostgres, PostgresClient, type Values } from "./postgres_client.ts";
import { FIRST_KEYS, keyExpression } from "./postgres_key.ts";
import { PostgresListener } from "./postgres_listener.ts";

/** What to read, and how. */
export interface PostgresSourceOptions {
  readonly url: string;
  /** The query to read, with the parameter `$1`; `undefined` for the table `system_messages`. */
  readonly query: string | undefined;
  /** Maximum duration of a query. */
  readonly timeoutMs: number;
  /** The channel that announces new rows. */
  readonly listen: string | undefined;
  /** Called when there may be new rows. */
  readonly onNotify: () => void;
}

/** Classes of temporary errors: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const TEMPORARY_CLASSES: readonly string[] = ["08", "40", "53", "55", "57", "58"];

/** `query_canceled`: the statement exceeded its timeout. */
const QUERY_CANCELED = "57014";

/** The class `data_exception`: a value does not fit its type. */
const DATA_EXCEPTION = /^22/;

/** A source that reads a PostgreSQL database. All queries run in read-only transactions. */
export class PostgresSource implements NoticeSource {
  readonly name: string;
  readonly #options: PostgresSourceOptions;
  readonly #query: string;
  readonly #listener: PostgresListener | undefined;
  #client: PostgresClient | undefined;
  #columns: readonly string[] = [];
  #dialect: Dialect = { parameter: "$1", key: "notices.key::text" };
  #firstKey = "";

  constructor(options: PostgresSourceOptions) {
    const { url, query, listen: channel } = options;
    this.name = sourceName({ kind: "postgres", url });
    this.#options = options;
    this.#query = query ?? standardQuery("$1");
    this.#listener = channel === undefined
      ? undefined
      : new PostgresListener({ ...options, channel });
  }

  async check(): Promise<void> {
    await this.#run(async (client) => {
      const { columns } = await client.describe(`SELECT * FROM ${asTable(this.#query)}`);
      this.#columns = columns.map(({ name }) => name);
      const problem = checkColumns(this.#columns);
      if (problem !== undefined) throw this.#misconfigured(problem);
      const type = columns.find(({ name }) => name === "key")?.type ?? 0;
      this.#dialect = { parameter: "$1", key: keyExpression(type) };
      const page = `${pageQuery(this.#query, this.#columns, this.#dialect)} LIMIT 1`;
      this.#firstKey = this.#findFirstKey((await client.describe(page)).parameters);
      // A missing permission is reported only when the query is executed.
      await client.query(page, [this.#firstKey]);
      await this.#listener?.ensureListening();
    });
  }

  async checkKey(key: string): Promise<void> {
    try {
      await this.read(key, 1);
    } catch (error) {
      const isMismatch = error instanceof SourceError &&
        DATA_EXCEPTION.test(explainPostgres(error.cause).code ?? "");
      if (!isMismatch) throw error;
      throw this.#misconfigured(
        `${explainPostgres(error.cause).reason}; ${describeKeyMismatch(key)}`,
      );
    }
  }

  async lastKeys(limit: number): Promise<readonly string[]> {
    const sql = `${lastKeysQuery(this.#query, this.#dialect)} LIMIT ${limit}`;
    return (await this.#select(sql, this.#firstKey)).flatMap(({ key }) => keyOf(key));
  }

  async read(after: string | undefined, limit: number): Promise<readonly NoticeRow[]> {
    const sql = `${pageQuery(this.#query, this.#columns, this.#dialect)} LIMIT ${limit}`;
    const rows = await this.#select(sql, after ?? this.#firstKey);
    return rows.flatMap(({ key, ...values }) => keyOf(key).map((key) => rowOf(key, values)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]();
    await this.#client?.[Symbol.asyncDispose]();
  }

  #findFirstKey(parameters: readonly number[]): string {
    if (parameters.length > 1) {
      throw this.#misconfigured("the query has more parameters than $1");
    }
    const first = FIRST_KEYS.get(parameters[0] ?? 0);
    if (first !== undefined) return first;
    throw this.#misconfigured(
      "a key must be an integer, a number, a text, a date, a timestamp or a uuid",
    );
  }

  #select(sql: string, parameter: string): Promise<readonly Values[]> {
    return this.#run(async (client) => {
      const rows = await client.query(sql, [parameter]);
      // Notifications are optional: without them, rows are still read in every interval.
      await this.#listener?.ensureListening().catch(() => {});
      return rows;
    });
  }

  /** Converts all errors to `SourceError`. */
  async #run<T>(work: (client: PostgresClient) => Promise<T>): Promise<T> {
    try {
      // Here, because the files of certificates may be missing.
      return await work(this.#client ??= new PostgresClient(this.#options.url, this.#options));
    } catch (error) {
      if (error instanceof SourceError) throw error;
      const { reason, code } = explainPostgres(error);
      if (code === undefined) await this.#disconnect();
      if (code === QUERY_CANCELED || error instanceof TimeoutError) {
        const timeout = `no answer within ${this.#options.timeoutMs} ms`;
        throw this.#error({ kind: "unavailable", reason: timeout, cause: error });
      }
      const isTemporary = code === undefined || TEMPORARY_CLASSES.includes(code.slice(0, 2));
      const kind = isTemporary ? "unavailable" : "misconfigured";
      throw this.#error({ kind, reason, cause: error });
    }
  }

  /** A connection that was cut without notice never fails by itself. */
  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.[Symbol.asyncDispose]();
  }

  #misconfigured(reason: string): SourceError {
    return this.#error({ kind: "misconfigured", reason });
  }

  #error(failure: SourceFailure): SourceError {
    return new SourceError(this.name, failure);
  }
}

/** The infinite timestamps format as no text. They are not valid keys, and come after all others. */
function keyOf(value: unknown): readonly string[] {
  return typeof value === "string" ? [value] : [];
}
