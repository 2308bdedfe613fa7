import postgres from "postgres";

/** A row as `postgres` gives it. */
export type Values = Readonly<Record<string, unknown>>;

/** What a query's result and parameters will be: names, and the numbers of PostgreSQL's types. */
export interface Description {
  readonly columns: readonly { readonly name: string; readonly type: number }[];
  readonly parameters: readonly number[];
}

/** A PostgreSQL that does not answer, or has closed the connection. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** So much longer (ms) than the time limit of the database itself its answer is waited for. */
const GRACE = 1_000;

/** Dates and times stay what PostgreSQL writes: a `Date` would lose their microseconds. */
const asText = (value: string) => value;
const TIMES = { to: 1184, from: [1082, 1114, 1184], serialize: asText, parse: asText };

/** One connection to a PostgreSQL, which is made when it is needed, and again when it is lost. */
export class PostgresClient implements AsyncDisposable {
  readonly #timeLimit: number;
  readonly #sql;

  /** `timeLimit` (ms) is for one statement; `onClose` is told that a connection was lost. */
  constructor(
    url: string,
    { timeLimit, onNotify = () => {}, onClose = () => {} }: {
      readonly timeLimit: number;
      readonly onNotify?: () => void;
      readonly onClose?: () => void;
    },
  ) {
    this.#timeLimit = timeLimit;
    const options = {
      max: 1,
      max_lifetime: null,
      connect_timeout: timeLimit / 1_000,
      // Whoever asks knows how long to wait before the next try.
      backoff: () => 0,
      fetch_types: false,
      types: { date: TIMES },
      connection: { application_name: "halley" },
      onnotice: () => {},
      onnotify: onNotify,
      onclose: onClose,
    };
    this.#sql = postgres(url, options);
  }

  /** Runs one statement outside of a transaction. */
  async run(statement: string): Promise<void> {
    await this.#inTime(this.#sql.unsafe(statement));
  }

  /** Asks, and changes nothing: the database itself sees to both that and the time limit. */
  async ask(statement: string, parameters: readonly string[]): Promise<readonly Values[]> {
    return await this.#inTime(this.#sql.begin("read only", async (transaction) => {
      // Within the transaction, since a pool in between would give the next one another connection.
      await transaction.unsafe(`SET LOCAL statement_timeout = ${this.#timeLimit}`);
      return await transaction.unsafe<Values[]>(statement, [...parameters]);
    }));
  }

  /** Says what a query would give, without asking it. */
  async describe(statement: string): Promise<Description> {
    const { columns, types } = await this.#inTime(this.#sql.unsafe(statement).describe());
    return { columns: columns.map(({ name, type }) => ({ name, type })), parameters: types };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql.end({ timeout: 0 });
  }

  async #inTime<T>(answer: PromiseLike<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new NoAnswer(`no answer within ${this.#timeLimit} ms`)),
      this.#timeLimit + GRACE,
    );
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Why a PostgreSQL did not do what it was asked: its code, where it said so itself. */
export function explainPostgres(error: unknown): { reason: string; code?: string } {
  if (error instanceof postgres.PostgresError) return { reason: error.message, code: error.code };
  return { reason: error instanceof Error ? error.message : String(error) };
}
