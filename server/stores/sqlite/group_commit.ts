import { errorMessage } from "../../base/error_message.ts";
import type { DatabaseSync } from "node:sqlite";
import { Refused } from "../../core/model/refused.ts";

/**
 * Writes to a database in groups: what is asked for in one turn of the event loop shares one durable transaction, and
 * so one wait for the disk.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #begin;
  readonly #commit;
  readonly #onEnd: (isCommitted: boolean) => void;
  #jobs: Writing[] = [];

  /** `onEnd` is called after each group, before its writers hear of it. */
  constructor(database: DatabaseSync, onEnd: (isCommitted: boolean) => void) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#onEnd = onEnd;
  }

  /**
   * Runs `work` in the next transaction; what it returned is durable when this resolves. A `work` that refuses must do
   * so before it writes. Refuses with `store_unavailable` when the group cannot be written.
   */
  write<T>(work: () => T): Promise<T> {
    const job = new Job(work);
    if (this.#jobs.length === 0) setImmediate(() => this.flush());
    this.#jobs.push(job);
    return job.done;
  }

  /** Writes what has been asked for. */
  flush(): void {
    const jobs = this.#jobs;
    if (jobs.length === 0) return;
    this.#jobs = [];
    try {
      this.#begin.run();
      for (const job of jobs) job.run();
      this.#commit.run();
    } catch (error) {
      this.#abandon(jobs, error);
      return;
    }
    this.#onEnd(true);
    for (const job of jobs) job.finish();
  }

  #abandon(jobs: readonly Writing[], error: unknown): void {
    const reason = errorMessage(error);
    const refused = new Refused("store_unavailable", `Cannot write to the store: ${reason}`, 2_000);
    try {
      // SQLite has rolled back by itself after some errors, of a full disk among them.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    } finally {
      this.#onEnd(false);
      for (const job of jobs) job.fail(refused);
    }
  }
}

/** One caller's part of a group. */
interface Writing {
  run(): void;
  finish(): void;
  fail(error: Error): void;
}

class Job<T> implements Writing {
  readonly #work: () => T;
  readonly #deferred = Promise.withResolvers<T>();
  #finish: () => void = () => {};

  constructor(work: () => T) {
    this.#work = work;
  }

  get done(): Promise<T> {
    return this.#deferred.promise;
  }

  run(): void {
    try {
      const value = this.#work();
      this.#finish = () => this.#deferred.resolve(value);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#finish = () => this.#deferred.reject(error);
    }
  }

  finish(): void {
    this.#finish();
  }

  fail(error: Error): void {
    this.#deferred.reject(error);
  }
}
