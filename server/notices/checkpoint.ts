/** The stored form of a checkpoint. */
interface StoredCheckpoint {
  readonly life: string;
  readonly after?: string;
  /** Keys in order, grouped by the time when they were first seen. */
  readonly seen: readonly { readonly at: number; readonly keys: readonly string[] }[];
}

/**
 * How far the rows of a source were read: all rows up to one key, and the known keys after it. That key only advances a
 * while after it was first seen, so that rows with lower keys that are committed late are still found. Keys are opaque:
 * their order is the order in which the source returns them.
 */
export class Checkpoint {
  /** Maximum number of known keys after the first one. */
  static readonly maxKeys = 10_000;

  /** Part of every notice's idempotency key: a new checkpoint publishes rows anew. */
  readonly generation: string;
  #after: string | undefined;
  /** When each key was first seen: Unix time in ms. */
  #seen: Map<string, number>;

  /** Parses the result of {@linkcode format}. */
  static parse(text: string): Checkpoint {
    const { life, after, seen }: StoredCheckpoint = JSON.parse(text);
    return new Checkpoint(
      life,
      after,
      seen.flatMap(({ at, keys }) => keys.map((key) => [key, at] as const)),
    );
  }

  /** Creates a checkpoint: all rows up to `after` are done, and so are those with `keys`, which were seen at `now`. */
  static create(keys: readonly string[], after: string | undefined, now: number): Checkpoint {
    return new Checkpoint(crypto.randomUUID(), after, keys.map((key) => [key, now]));
  }

  private constructor(
    generation: string,
    after: string | undefined,
    seen: Iterable<readonly [string, number]>,
  ) {
    this.generation = generation;
    this.#after = after;
    this.#seen = new Map(seen);
  }

  /** All rows up to this key are done; `undefined` if there is no such key. */
  get after(): string | undefined {
    return this.#after;
  }

  /** The last known key. */
  get last(): string | undefined {
    return [...this.#seen.keys()].at(-1) ?? this.#after;
  }

  has(key: string): boolean {
    return this.#seen.has(key);
  }

  /** Adds keys that were first seen at `now`, after all others. */
  add(keys: readonly string[], now: number): void {
    for (const key of keys) this.#seen.set(key, now);
    for (const key of this.#seen.keys()) {
      if (this.#seen.size <= Checkpoint.maxKeys) return;
      this.#seen.delete(key);
      this.#after = key;
    }
  }

  /**
   * Takes over the order of `found`, the current keys of the source, forgets all others, and advances to the last key
   * that was seen at the time `until` or before.
   */
  advance(found: readonly string[], until: number): void {
    const known = this.#seen;
    this.#seen = new Map();
    for (const key of found) {
      const at = known.get(key);
      if (at === undefined) continue;
      this.#seen.set(key, at);
      if (at > until) continue;
      this.#after = key;
      this.#seen.clear();
    }
  }

  /** Formats the checkpoint for the store. */
  format(): string {
    const seen: { at: number; keys: string[] }[] = [];
    for (const [key, at] of this.#seen) {
      if (seen.at(-1)?.at !== at) seen.push({ at, keys: [] });
      seen.at(-1)?.keys.push(key);
    }
    const stored: StoredCheckpoint = {
      life: this.generation,
      ...(this.#after !== undefined && { after: this.#after }),
      seen,
    };
    return JSON.stringify(stored);
  }
}
