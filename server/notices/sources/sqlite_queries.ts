import { deadline } from "../../base/deadline.ts";
import type { SqliteKey } from "./sqlite_key.ts";

/** A query that the worker executes. */
export interface SqliteQuery {
  readonly path: string;
  /** How long to wait for a lock. */
  readonly busyTimeoutMs: number;
  readonly sql: string;
  readonly parameters: readonly (SqliteKey | null)[];
}

/** The result of a query, or its error; `code` is SQLite's result code, or 0. */
export type SqliteAnswer = SqliteResult | { readonly error: string; readonly code: number };

/** The columns and rows of a result. The declared type of an expression is `null`. */
export interface SqliteResult {
  readonly columns: readonly { readonly name: string; readonly type: string | null }[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Executes queries in a worker, one after the other: SQLite blocks its thread while it waits for a lock. */
export class SqliteQueries implements Disposable {
  readonly #timeoutMs: number;
  readonly #worker: Worker;
  readonly #failed = Promise.withResolvers<never>();
  #current: Promise<unknown> | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#worker = new Worker(new URL("./sqlite_worker.ts", import.meta.url), { type: "module" });
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failed.reject(new Error(`The SQLite worker failed: ${event.message}`));
    };
    this.#failed.promise.catch(() => {});
  }

  /** Throws a `TimeoutError` if there is no answer in time. */
  async query(
    path: string,
    sql: string,
    parameters: SqliteQuery["parameters"],
  ): Promise<SqliteAnswer> {
    // A slow query cannot be interrupted: the next one waits for it.
    if (this.#current !== undefined) await deadline(this.#current, this.#timeoutMs);
    const answer = this.#send({ path, busyTimeoutMs: this.#timeoutMs / 2, sql, parameters });
    this.#current = answer;
    const clear = () => {
      if (this.#current === answer) this.#current = undefined;
    };
    answer.then(clear, clear);
    return await deadline(answer, this.#timeoutMs);
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
    this.#failed.reject(new Error("The SQLite worker was terminated"));
  }

  #send(query: SqliteQuery): Promise<SqliteAnswer> {
    const { promise, resolve } = Promise.withResolvers<SqliteAnswer>();
    this.#worker.onmessage = ({ data }: MessageEvent<SqliteAnswer>) => resolve(data);
    this.#worker.postMessage(query);
    return Promise.race([promise, this.#failed.promise]);
  }
}
