import { Refused } from "../../core/refusal.ts";

/** So many keys can be read at once. */
const KEYS = 10;

/** So often a commit is tried before its caller is refused. */
const TRIES = 200;

/** The longest wait (ms) between two tries, to which chance is added. */
const PAUSE = 20;

/** How long (ms) a caller should wait who was refused. */
const RETRY_AFTER = 2_000;

/** A Deno KV database whose failures are refusals: everything here refuses with `store_unavailable`. */
export class KvDatabase implements Disposable {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return available(this.#kv.get<T>(key));
  }

  /** The entries of all these keys, in their order; not of one moment. */
  async getAll<T>(keys: readonly Deno.KvKey[]): Promise<readonly Deno.KvEntryMaybe<T>[]> {
    const tens: Promise<readonly Deno.KvEntryMaybe<T>[]>[] = [];
    for (let start = 0; start < keys.length; start += KEYS) {
      const some = keys.slice(start, start + KEYS);
      tens.push(available(this.#kv.getMany<T[]>(some)));
    }
    return (await Promise.all(tens)).flat();
  }

  list<T>(
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions = {},
  ): Promise<Deno.KvEntry<T>[]> {
    const batchSize = Math.min(500, options.limit ?? 500);
    return available(Array.fromAsync(this.#kv.list<T>(selector, { batchSize, ...options })));
  }

  /** An operation, to be given to {@linkcode commit}. */
  atomic(): Deno.AtomicOperation {
    return this.#kv.atomic();
  }

  /** Does all of an operation, durably, or nothing, because what it checks has changed. */
  commit(operation: Deno.AtomicOperation): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    return available(operation.commit());
  }

  /** Commits what `prepare` made of what it has just read; reads again whenever somebody came between. */
  async transact<T>(prepare: (operation: Deno.AtomicOperation) => Promise<T>): Promise<T> {
    return await retried(async () => {
      const operation = this.atomic();
      const result = await prepare(operation);
      return (await this.commit(operation)).ok ? { result } : undefined;
    });
  }

  /** Tells of changes of these keys, until it is cancelled. */
  watch(keys: readonly Deno.KvKey[]): ReadableStream<Deno.KvEntryMaybe<unknown>[]> {
    return this.#kv.watch<unknown[]>([...keys]);
  }

  [Symbol.dispose](): void {
    this.#kv.close();
  }
}

/** What `attempt` results in, which has none when somebody came between. Refuses when that goes on too long. */
export async function retried<T>(
  attempt: () => Promise<{ readonly result: T } | undefined>,
): Promise<T> {
  for (let tries = 1; tries <= TRIES; tries++) {
    const done = await attempt();
    if (done !== undefined) return done.result;
    // Who waits for a different time each does not meet again.
    const pause = Math.random() * Math.min(PAUSE, tries);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Refused("store_unavailable", "Too many write to the store at once", RETRY_AFTER);
}

async function available<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    // What KV cannot take for its size or its type is a defect of ours.
    if (error instanceof TypeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refused("store_unavailable", `Cannot reach the store: ${reason}`, RETRY_AFTER);
  }
}
