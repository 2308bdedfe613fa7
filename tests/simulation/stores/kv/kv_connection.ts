import type { deserialize } from "node:v8";
import type { KvConnection } from "../../../../server/stores/kv/kv_database.ts";
import type { ModelTime } from "../model_time.ts";
import { sortable } from "./key_order.ts";
import type { KvConditions } from "./kv_conditions.ts";
import type { Commit, KvData, KvRange, Mutation } from "./kv_data.ts";

/** How long an operation that comes too late takes: longer than the server waits for one. In ms. */
const TOO_LATE = 12_000;

/** Whatever was stored: whoever reads it knows its type. */
type Stored = ReturnType<typeof deserialize>;

/** What a {@linkcode ModelKvConnection} is constructed from. */
export interface ModelKvDeps {
  readonly data: KvData;
  readonly conditions: KvConditions;
  /** The times of the database and of the node: a node that crashes gets no replies, but what it has sent is done. */
  readonly server: ModelTime;
  readonly node: ModelTime;
}

/** A node's connection to the model of a Deno KV database, with the methods of `Deno.Kv` that Halley uses. */
export class ModelKvConnection implements KvConnection {
  readonly #deps: ModelKvDeps;
  readonly #watches = new Set<() => void>();
  #isClosed = false;

  constructor(deps: ModelKvDeps) {
    this.#deps = deps;
  }

  async get(key: Deno.KvKey): Promise<Stored> {
    const [entry] = await this.getMany([key]);
    if (entry === undefined) throw new Error("One key has one entry");
    return entry;
  }

  getMany(keys: readonly Deno.KvKey[]): Promise<Stored> {
    return this.#do("read", () => this.#deps.data.read(keys));
  }

  /** Batches are read one after the other, each as the database is then. */
  async *list(
    selector: Deno.KvListSelector,
    { limit = Infinity, reverse = false, batchSize = 100 }: Deno.KvListOptions = {},
  ): AsyncGenerator<Stored> {
    let range = rangeOf(selector);
    for (let left = limit; left > 0;) {
      const count = Math.min(left, batchSize);
      const query: KvRange = { ...range, limit: count, reverse };
      const entries = await this.#do("read", () => this.#deps.data.range(query));
      yield* entries;
      const last = entries.at(-1);
      if (last === undefined || entries.length < count) return;
      const name = sortable(last.key);
      range = reverse ? { ...range, end: name } : { ...range, start: `${name}\0` };
      left -= count;
    }
  }

  atomic(): KvAtomicOperation {
    return new KvAtomicOperation((commit) =>
      this.#do("commit", () => this.#deps.data.commit(commit))
    );
  }

  /** Shows the current values at once, and again when they have changed; several changes may show as one. */
  watch(keys: readonly Deno.KvKey[]): ReadableStream<Stored> {
    const { data, conditions, server, node } = this.#deps;
    const watched = new Set(keys.map(sortable));
    let isPlanned = false;
    let end = () => {};
    return new ReadableStream({
      start: (controller) => {
        const show = () =>
          node.after(conditions.latency(), "a watch shows changes", () => {
            isPlanned = false;
            if (this.#watches.has(end)) controller.enqueue(data.read(keys));
          });
        const listening = data.listen((changed) => {
          if (isPlanned || changed.isDisjointFrom(watched)) return;
          isPlanned = true;
          const ms = conditions.watchDelay();
          if (ms === undefined) node.after(conditions.latency(), "a watch ends", close);
          else server.after(ms, "a change is noticed", show);
        });
        const close = () => {
          if (this.#watches.has(end)) controller.close();
          end();
        };
        end = () => {
          listening[Symbol.dispose]();
          this.#watches.delete(end);
        };
        this.#watches.add(end);
        show();
      },
      cancel: () => end(),
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#watches) end();
  }

  #do<T>(operation: "read" | "commit", work: () => T): Promise<T> {
    const { conditions, server, node } = this.#deps;
    if (this.#isClosed) return Promise.reject(new Deno.errors.BadResource("Bad resource ID"));
    const fate = conditions.fateOf(operation);
    const what = fate === "done" ? operation : `${operation}: ${fate}`;
    return new Promise((resolve, reject) => {
      const reply = (settle: () => void) =>
        node.after(conditions.latency(), `${what}, reply`, settle);
      if (fate === "locked") return reply(() => reject(new Error("database is locked")));
      if (fate === "no request") return reply(() => reject(new TypeError("connection error")));
      const ms = conditions.latency() + (fate === "too late" ? TOO_LATE : 0);
      server.after(ms, what, () => {
        try {
          const result = work();
          reply(() =>
            fate === "no reply" ? reject(new TypeError("connection error")) : resolve(result)
          );
        } catch (error) {
          reply(() => reject(error));
        }
      });
    });
  }
}

/** Collects what one commit does. */
class KvAtomicOperation implements Deno.AtomicOperation {
  readonly #send: (commit: Commit) => Promise<Deno.KvCommitResult | Deno.KvCommitError>;
  readonly #checks: Deno.AtomicCheck[] = [];
  readonly #mutations: Mutation[] = [];

  constructor(send: (commit: Commit) => Promise<Deno.KvCommitResult | Deno.KvCommitError>) {
    this.#send = send;
  }

  check(...checks: Deno.AtomicCheck[]): this {
    this.#checks.push(...checks);
    return this;
  }

  set(key: Deno.KvKey, value: unknown, options: { expireIn?: number } = {}): this {
    this.#mutations.push({ type: "set", key, value, ...options });
    return this;
  }

  delete(key: Deno.KvKey): this {
    this.#mutations.push({ type: "delete", key });
    return this;
  }

  sum(key: Deno.KvKey, value: bigint): this {
    this.#mutations.push({ type: "sum", key, value });
    return this;
  }

  mutate(): never {
    throw notModelled("mutate");
  }

  min(): never {
    throw notModelled("min");
  }

  max(): never {
    throw notModelled("max");
  }

  enqueue(): never {
    throw notModelled("enqueue");
  }

  commit(): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    return this.#send({ checks: this.#checks, mutations: this.#mutations });
  }
}

function rangeOf(selector: Deno.KvListSelector): Pick<KvRange, "start" | "end"> {
  const range = boundsOf(selector);
  if (range.start > range.end) throw new TypeError("Start key is greater than end key");
  return range;
}

function boundsOf(selector: Deno.KvListSelector): Pick<KvRange, "start" | "end"> {
  if (!("prefix" in selector)) {
    return { start: sortable(selector.start), end: sortable(selector.end) };
  }
  const prefix = sortable(selector.prefix);
  return {
    start: "start" in selector ? sortable(selector.start) : `${prefix}\0`,
    end: "end" in selector ? sortable(selector.end) : `${prefix}\xff`,
  };
}

function notModelled(method: string): Error {
  return new Error(`The model of Deno KV has no ${method}(): add it if Halley uses it`);
}
