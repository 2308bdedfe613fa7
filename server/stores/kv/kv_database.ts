import { errorMessage } from "../../base/error_message.ts";
import { Refused } from "../../core/model/refused.ts";

/** Two nodes that want to write the same are told apart by a pause of so long (ms) at most, longer each time. */
const PAUSE = { first: 4, longest: 200 } as const;

/** So long (ms) a write is tried while other nodes are faster. */
const PATIENCE = 5_000;

/** So long (ms) one operation may take. */
const TIMEOUT = 10_000;

/** So many keys may be read at once. */
export const READ_AT_ONCE = 10;

/** A Deno KV database. Refuses with `store_unavailable` where it cannot be reached, and knows why. */
export class KvDatabase implements Disposable {
  readonly #kv: Deno.Kv;
  #trouble: string | undefined;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  /** Why the last operation failed; `undefined` where it did not. */
  get unavailableReason(): string | undefined {
    return this.#trouble;
  }

  async get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return await this.#reach(() => this.#kv.get<T>(key));
  }

  /** As many keys as one wants, in their order. */
  async getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    const batches: Promise<Deno.KvEntryMaybe<T>[]>[] = [];
    for (let start = 0; start < keys.length; start += READ_AT_ONCE) {
      const some = keys.slice(start, start + READ_AT_ONCE);
      batches.push(this.#reach(() => this.#kv.getMany<T[]>(some)));
    }
    return (await Promise.all(batches)).flat();
  }

  /** At most `limit` entries of a part of the database, in the order of their keys or the other way round. */
  async list<T>(
    selector: Deno.KvListSelector,
    { limit, reverse = false }: { limit: number; reverse?: boolean },
  ): Promise<Deno.KvEntry<T>[]> {
    const batchSize = Math.min(limit, 500);
    return await this.#reach(() =>
      Array.fromAsync(this.#kv.list<T>(selector, { limit, reverse, batchSize }))
    );
  }

  /** Commits what `build` asks for; `undefined` where a check failed, and nothing was written. */
  async commit(build: (operation: Deno.AtomicOperation) => void): Promise<string | undefined> {
    const result = await this.#reach(() => {
      const operation = this.#kv.atomic();
      build(operation);
      return operation.commit();
    });
    return result.ok ? result.versionstamp : undefined;
  }

  /** Tries until `attempt` gives something: it gives nothing when another node was faster. */
  async retry<T>(attempt: () => Promise<T | undefined>): Promise<T> {
    const end = performance.now() + PATIENCE;
    for (let pause: number = PAUSE.first; performance.now() < end; pause *= 2) {
      const result = await attempt();
      if (result !== undefined) return result;
      await randomPause(pause);
    }
    throw unavailable("Other nodes write all the time");
  }

  /** Changes to some keys, as they come; ends when the connection does. */
  watch(keys: readonly Deno.KvKey[]): ReadableStream<Deno.KvEntryMaybe<unknown>[]> {
    return this.#kv.watch<unknown[]>(keys);
  }

  [Symbol.dispose](): void {
    this.#kv.close();
  }

  async #reach<T>(operation: () => Promise<T>): Promise<T> {
    const end = performance.now() + PATIENCE;
    for (let pause: number = PAUSE.first;; pause *= 2) {
      try {
        const result = await within(TIMEOUT, operation());
        this.#trouble = undefined;
        return result;
      } catch (error) {
        // A local database waits for no other process's lock by itself.
        if (isLocked(error) && performance.now() < end) await randomPause(pause);
        else throw this.#explained(error);
      }
    }
  }

  #explained(error: unknown): unknown {
    if (isDefect(error)) return error;
    const reason = errorMessage(error);
    this.#trouble = `Cannot reach the store: ${reason}`;
    return unavailable(this.#trouble);
  }
}

/** What does not fit into the database is no trouble of the database: it should not have been tried. */
function isDefect(error: unknown): boolean {
  return error instanceof Error &&
    /^(key|value|total \w+ size) too large|^too many /i.test(error.message);
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && /database (table )?is (locked|busy)/.test(error.message);
}

function unavailable(reason: string): Refused {
  return new Refused("store_unavailable", reason, 2_000);
}

function randomPause(longest: number): Promise<void> {
  const length = Math.random() * Math.min(longest, PAUSE.longest);
  return new Promise((resolve) => setTimeout(resolve, length));
}

async function within<T>(timeout: number, result: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout);
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}
