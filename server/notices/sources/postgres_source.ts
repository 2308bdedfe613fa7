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
import { explainPostgres, PostgresClient, type Values } from "./postgres_client.ts";
import { PostgresListener } from "./postgres_listener.ts";
import { FIRST_KEYS, keyExpression } from "./postgres_key.ts";

/** How a source is read. */
export interface PostgresSourceOptions {
  readonly url: string;
  /** Instead of the one for the table `system_messages`; its parameter is `$1`. */
  readonly query: string | undefined;
  /** How long (ms) a query may take. */
  readonly timeLimit: number;
  /** On which channel the database tells of new rows. */
  readonly listen: string | undefined;
  /** Called when there may be new rows. */
  readonly onNews: () => void;
}

/** Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html that may pass by themselves. */
const AWAY: readonly string[] = ["08", "40", "53", "55", "57", "58"];

/** A statement was stopped, since it took too long. */
const STOPPED = "57014";

/** A value is none of its type. */
const UNFIT = /^22/;

/** A query in a PostgreSQL. */
export class PostgresSource implements NoticeSource {
  readonly name: string;
  readonly #options: PostgresSourceOptions;
  readonly #query: string;
  readonly #listener: PostgresListener | undefined;
  #client: PostgresClient;
  #names: readonly string[] = [];
  #dialect: Dialect = { parameter: "$1", key: "notices.key::text" };
  #first = "";

  constructor(options: PostgresSourceOptions) {
    const { url, query, listen: channel } = options;
    this.name = sourceName({ kind: "postgres", url });
    this.#options = options;
    this.#query = query ?? standardQuery("$1");
    this.#client = new PostgresClient(url, options);
    this.#listener = channel === undefined
      ? undefined
      : new PostgresListener({ ...options, channel });
  }

  async check(): Promise<void> {
    await this.#explaining(async (client) => {
      const { columns } = await client.describe(`SELECT * FROM ${asTable(this.#query)}`);
      this.#names = columns.map(({ name }) => name);
      const fault = columnFault(this.#names);
      if (fault !== undefined) throw this.#error("wrong", fault);
      const type = columns.find(({ name }) => name === "key")?.type ?? 0;
      this.#dialect = { parameter: "$1", key: keyExpression(type) };
      const page = `${pageQuery(this.#query, this.#names, this.#dialect)} LIMIT 1`;
      this.#first = this.#firstKey((await client.describe(page)).parameters);
      // Whether one may read a table is only seen when one does.
      await client.ask(page, [this.#first]);
      await this.#listener?.keep();
    });
  }

  async resume(after: string): Promise<void> {
    try {
      await this.read(after, 1);
    } catch (error) {
      const isUnfit = error instanceof SourceError &&
        UNFIT.test(explainPostgres(error.cause).code ?? "");
      throw isUnfit ? new SourceError("wrong", `${error.message}; ${otherKeys(after)}`) : error;
    }
  }

  async lastKeys(limit: number): Promise<readonly string[]> {
    const sql = `${lastKeysQuery(this.#query, this.#dialect)} LIMIT ${limit}`;
    return (await this.#ask(sql, this.#first)).flatMap(({ key }) => keyOf(key));
  }

  async read(after: string | undefined, limit: number): Promise<readonly NoticeRow[]> {
    const sql = `${pageQuery(this.#query, this.#names, this.#dialect)} LIMIT ${limit}`;
    const rows = await this.#ask(sql, after ?? this.#first);
    return rows.flatMap(({ key, ...values }) => keyOf(key).map((key) => rowOf(key, values)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]();
    await this.#client[Symbol.asyncDispose]();
  }

  #firstKey(parameters: readonly number[]): string {
    if (parameters.length > 1) throw this.#error("wrong", "the query has more parameters than $1");
    const first = FIRST_KEYS.get(parameters[0] ?? 0);
    if (first !== undefined) return first;
    const reason = "a key must be an integer, a number, a text, a date, a timestamp or a uuid";
    throw this.#error("wrong", reason);
  }

  #ask(sql: string, parameter: string): Promise<readonly Values[]> {
    return this.#explaining(async (client) => {
      const rows = await client.ask(sql, [parameter]);
      // Without it, rows are still read in each interval.
      await this.#listener?.keep().catch(() => {});
      return rows;
    });
  }

  async #explaining<T>(work: (client: PostgresClient) => Promise<T>): Promise<T> {
    try {
      return await work(this.#client);
    } catch (error) {
      if (error instanceof SourceError) throw error;
      const { reason, code } = explainPostgres(error);
      if (code === undefined) await this.#reconnect();
      if (code === STOPPED) {
        throw this.#error("away", `no answer within ${this.#options.timeLimit} ms`, error);
      }
      const isAway = code === undefined || AWAY.includes(code.slice(0, 2));
      throw this.#error(isAway ? "away" : "wrong", reason, error);
    }
  }

  /** A connection that was cut in silence never says so. */
  async #reconnect(): Promise<void> {
    const old = this.#client;
    this.#client = new PostgresClient(this.#options.url, this.#options);
    await old[Symbol.asyncDispose]();
  }

  #error(kind: "away" | "wrong", reason: string, cause?: unknown): SourceError {
    return SourceError.of(kind, this.name, reason, cause);
  }
}

/** A time that is infinite is no key, and comes after all others. */
function keyOf(value: unknown): readonly string[] {
  return typeof value === "string" ? [value] : [];
}
