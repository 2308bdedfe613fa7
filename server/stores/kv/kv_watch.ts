import { ignoreUnavailable } from "../../core/model/refused.ts";
import type { KvDatabase } from "./kv_database.ts";

/** Delay in ms before an ended watch is restarted; it doubles, up to the maximum, while watches end soon. */
const RESTART_DELAY = { first: 500, max: 30_000 } as const;

/** Options of a {@linkcode KvWatch}. */
export interface KvWatchOptions {
  readonly keys: readonly Deno.KvKey[];
  /** How often the keys are also polled, in ms: a watch can miss changes. */
  readonly pollInterval: number;
  /** Called with the values of the keys when they may have changed. Its refusals with `store_unavailable` are ignored. */
  readonly onChange: (values: readonly unknown[]) => Promise<void>;
}

/** Notices changes to a few keys, by watching and by polling them. */
export class KvWatch implements AsyncDisposable {
  readonly #database: KvDatabase;
  readonly #options: KvWatchOptions;
  readonly #end = new AbortController();
  readonly #running: Promise<unknown>;
  #reader: ReadableStreamDefaultReader<Deno.KvEntryMaybe<unknown>[]> | undefined;

  constructor(database: KvDatabase, options: KvWatchOptions) {
    this.#database = database;
    this.#options = options;
    this.#running = Promise.all([this.#watch(), this.#poll()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#reader?.cancel().catch(() => {});
    await this.#running;
  }

  async #watch(): Promise<void> {
    const { runtime } = this.#database;
    let restartDelay: number = RESTART_DELAY.first;
    while (!this.#end.signal.aborted) {
      const start = runtime.monotonicNow();
      // An error here needs no handling: the next poll fails too, and reports it.
      await this.#watchOnce().catch(() => {});
      const wasLong = runtime.msSince(start) > RESTART_DELAY.max;
      restartDelay = wasLong ? RESTART_DELAY.first : Math.min(2 * restartDelay, RESTART_DELAY.max);
      await runtime.delay(restartDelay, this.#end.signal);
    }
  }

  async #watchOnce(): Promise<void> {
    const reader = this.#reader = this.#database.watch(this.#options.keys).getReader();
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      // Not awaited: `onChange` orders its own work, and the next change must not wait for it.
      this.#notify(value);
    }
  }

  async #poll(): Promise<void> {
    while (!this.#end.signal.aborted) {
      await this.#database.runtime.delay(this.#options.pollInterval, this.#end.signal);
      if (this.#end.signal.aborted) return;
      const entries = await this.#database.getMany(this.#options.keys).catch(() => undefined);
      if (entries !== undefined) await this.#notify(entries);
    }
  }

  async #notify(entries: readonly Deno.KvEntryMaybe<unknown>[]): Promise<void> {
    const values = entries.map(({ value }) => value);
    // If the store is unavailable, the next poll tries again.
    await this.#options.onChange(values).catch(ignoreUnavailable).catch(reportError);
  }
}
