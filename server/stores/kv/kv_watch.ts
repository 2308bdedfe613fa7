import { ignoreUnavailable } from "../../core/model/refused.ts";
import type { KvDatabase } from "./kv_database.ts";

/** A watch that has ended is begun again after so long (ms), longer each time that it ends at once. */
const PAUSE = { first: 500, longest: 30_000 } as const;

/** What is watched, and who is told. */
export interface KvWatchOptions {
  readonly keys: readonly Deno.KvKey[];
  /** The watch may lose a change: so often (ms) the keys are looked at anyway. */
  readonly interval: number;
  /** Told the values of the keys when they may have changed. What it rejects with is trouble of the database. */
  readonly onChange: (values: readonly unknown[]) => Promise<void>;
}

/** Watches a few keys for this process: by what the database tells, and by looking. */
export class KvWatch implements AsyncDisposable {
  readonly #database: KvDatabase;
  readonly #options: KvWatchOptions;
  readonly #end = new AbortController();
  readonly #running: Promise<unknown>;
  #reader: ReadableStreamDefaultReader<Deno.KvEntryMaybe<unknown>[]> | undefined;

  constructor(database: KvDatabase, options: KvWatchOptions) {
    this.#database = database;
    this.#options = options;
    this.#running = Promise.all([this.#watch(), this.#look()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#reader?.cancel().catch(() => {});
    await this.#running;
  }

  async #watch(): Promise<void> {
    let pause: number = PAUSE.first;
    while (!this.#end.signal.aborted) {
      const begun = performance.now();
      // That it failed is known from the next look at the keys, which fails too.
      await this.#watchOnce().catch(() => {});
      const hasLasted = performance.now() - begun > PAUSE.longest;
      pause = hasLasted ? PAUSE.first : Math.min(2 * pause, PAUSE.longest);
      await this.#pause(pause);
    }
  }

  async #watchOnce(): Promise<void> {
    const reader = this.#reader = this.#database.watch(this.#options.keys).getReader();
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      // It is not waited for: readers wait for each other themselves, and changes are told of one by one.
      this.#tell(value);
    }
  }

  async #look(): Promise<void> {
    while (!this.#end.signal.aborted) {
      await this.#pause(this.#options.interval);
      if (this.#end.signal.aborted) return;
      const entries = await this.#database.getMany(this.#options.keys).catch(() => undefined);
      if (entries !== undefined) await this.#tell(entries);
    }
  }

  async #tell(entries: readonly Deno.KvEntryMaybe<unknown>[]): Promise<void> {
    const values = entries.map(({ value }) => value);
    // The database knows its trouble; the next look tries again.
    await this.#options.onChange(values).catch(ignoreUnavailable).catch(reportError);
  }

  #pause(length: number): Promise<void> {
    const { signal } = this.#end;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", settle);
        resolve();
      };
      const timer = setTimeout(settle, length);
      signal.addEventListener("abort", settle);
    });
  }
}
