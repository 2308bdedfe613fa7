import type { SqliteKey } from "./sqlite_key.ts";

/** A query to be asked of a SQLite file. */
export interface Question {
  readonly path: string;
  /** How long (ms) to wait for a lock. */
  readonly patience: number;
  readonly sql: string;
  readonly parameters: readonly (SqliteKey | null)[];
}

/** What SQLite answers, or why it does not: `code` is its own number for that, or 0. */
export type Answer = Found | { readonly error: string; readonly code: number };

/** Rows, and the columns that they have; the declared type of what is no column of a table is `null`. */
export interface Found {
  readonly columns: readonly { readonly name: string; readonly type: string | null }[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Asks SQLite in a thread of its own, one query after the other. */
export class SqliteQueries implements Disposable {
  readonly #timeLimit: number;
  readonly #worker: Worker;
  readonly #end = Promise.withResolvers<never>();
  #busy: Promise<unknown> | undefined;

  /** A query that takes longer than `timeLimit` ms is waited for no more. */
  constructor(timeLimit: number) {
    this.#timeLimit = timeLimit;
    this.#worker = new Worker(new URL("./sqlite_worker.ts", import.meta.url), { type: "module" });
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end.reject(new Error(`The thread for SQLite has ended: ${event.message}`));
    };
    this.#end.promise.catch(() => {});
  }

  /** `undefined` when there is no answer within the time limit. */
  async ask(path: string, sql: string, ...parameters: Question["parameters"]) {
    // Nothing can stop a query that is too slow; as long as it runs, there is no second one.
    if (this.#busy !== undefined && await this.#inTime(this.#busy) === undefined) return undefined;
    const answer = this.#exchange({ path, patience: this.#timeLimit / 2, sql, parameters });
    this.#busy = answer;
    const free = () => {
      if (this.#busy === answer) this.#busy = undefined;
    };
    answer.then(free, free);
    return await this.#inTime(answer);
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
    this.#end.reject(new Error("The thread for SQLite was ended"));
  }

  #exchange(question: Question): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
    this.#worker.postMessage(question);
    return Promise.race([promise, this.#end.promise]);
  }

  async #inTime<T>(answer: Promise<T>): Promise<T | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), this.#timeLimit);
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
