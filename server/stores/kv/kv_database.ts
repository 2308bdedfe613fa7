import { deadline } from "../../base/deadline.ts";
import { errorMessage } from "../../base/error_message.ts";
import type { Runtime } from "../../base/runtime.ts";
import { Refused } from "../../core/model/refused.ts";

/** Maximum delay in ms before the first and before every later retry. The delays are random, to separate competing nodes. */
const RETRY_DELAY = { first: 4, max: 200 } as const;

/** For how long (ms) an operation is retried while other processes write. */
const RETRY_TIMEOUT = 5_000;

/** Timeout of one operation in ms. */
const OPERATION_TIMEOUT = 10_000;

/** Number of keys that Deno KV allows `getMany` to read at once. */
export const MAX_READ_KEYS = 10;

/** What of a `Deno.Kv` is used. */
export interface KvConnection
  extends Pick<Deno.Kv, "get" | "getMany" | "atomic" | "watch" | "close"> {
  list<T>(
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions,
  ): AsyncIterable<Deno.KvEntry<T>>;
}

/** A Deno KV database. Refuses with `store_unavailable` if it cannot be reached, and remembers the reason. */
export class KvDatabase implements Disposable {
  readonly runtime: Runtime;
  readonly #kv: KvConnection;
  #unavailableReason: string | undefined;

  constructor(kv: KvConnection, runtime: Runtime) {
    this.runtime = runtime;
    this.#kv = kv;
  }

  /** Why the last operation failed; `undefined` if it succeeded. */
  get unavailableReason(): string | undefined {
    return this.#unavailableReason;
  }

  async get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return await this.#run(() => this.#kv.get<T>(key));
  }

  /** Reads any number of keys; returns their entries in the same order. */
  async getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    const batches: Promise<Deno.KvEntryMaybe<T>[]>[] = [];
    for (let start = 0; start < keys.length; start += MAX_READ_KEYS) {
      const batch = keys.slice(start, start + MAX_READ_KEYS);
      batches.push(this.#run(() => this.#kv.getMany<T[]>(batch)));
    }
    return (await Promise.all(batches)).flat();
  }

  /** Returns up to `limit` entries in the order of their keys, or in the reverse order. */
  async list<T>(
    selector: Deno.KvListSelector,
    { limit, reverse = false }: { limit: number; reverse?: boolean },
  ): Promise<Deno.KvEntry<T>[]> {
    const batchSize = Math.min(limit, 500);
    return await this.#run(() =>
      Array.fromAsync(this.#kv.list<T>(selector, { limit, reverse, batchSize }))
    );
  }

  /** Commits an operation. Returns its versionstamp, or `undefined` if a check failed and nothing was written. */
  async commit(build: (operation: Deno.AtomicOperation) => void): Promise<string | undefined> {
    const result = await this.#run(() => {
      const operation = this.#kv.atomic();
      build(operation);
      return operation.commit();
    });
    return result.ok ? result.versionstamp : undefined;
  }

  /** Repeats `attempt` until it returns something: it returns `undefined` if another node's commit came first. */
  async retry<T>(attempt: () => Promise<T | undefined>): Promise<T> {
    const end = this.runtime.fromNow(RETRY_TIMEOUT);
    for (let maxDelay: number = RETRY_DELAY.first; !this.runtime.hasPassed(end); maxDelay *= 2) {
      const result = await attempt();
      if (result !== undefined) return result;
      await this.#randomDelay(maxDelay);
    }
    throw unavailable(`Other nodes were faster at writing for ${RETRY_TIMEOUT} ms`);
  }

  /** A stream of changes to some keys. Ends when the connection does. */
  watch(keys: readonly Deno.KvKey[]): ReadableStream<Deno.KvEntryMaybe<unknown>[]> {
    return this.#kv.watch<unknown[]>(keys);
  }

  [Symbol.dispose](): void {
    this.#kv.close();
  }

  async #run<T>(operation: () => Promise<T>): Promise<T> {
    const end = this.runtime.fromNow(RETRY_TIMEOUT);
    for (let maxDelay: number = RETRY_DELAY.first;; maxDelay *= 2) {
      try {
        const result = await deadline(operation(), OPERATION_TIMEOUT, this.runtime);
        this.#unavailableReason = undefined;
        return result;
      } catch (error) {
        // A local database fails at once while another process has its lock.
        if (!isLocked(error) || this.runtime.hasPassed(end)) throw this.#refusalOf(error);
        await this.#randomDelay(maxDelay);
      }
    }
  }

  #randomDelay(max: number): Promise<void> {
    return this.runtime.delay(this.runtime.random() * Math.min(max, RETRY_DELAY.max));
  }

  #refusalOf(error: unknown): unknown {
    if (exceedsLimit(error)) return error;
    this.#unavailableReason = `Cannot reach the store: ${errorMessage(error)}`;
    return unavailable(this.#unavailableReason);
  }
}

/** Whether an operation exceeded a limit of Deno KV: that is a bug of the caller, and the database is fine. */
function exceedsLimit(error: unknown): boolean {
  return error instanceof Error &&
    /^(key|value|total \w+ size) too large|^too many /i.test(error.message);
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && /database (table )?is (locked|busy)/.test(error.message);
}

function unavailable(reason: string): Refused {
  return new Refused("store_unavailable", reason, 2_000);
}
