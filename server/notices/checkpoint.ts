/** What is written down of a place. */
interface Written {
  readonly life: string;
  readonly after?: string;
  /** Keys in order, those that were first seen at the same time together. */
  readonly seen: readonly { readonly at: number; readonly keys: readonly string[] }[];
}

/**
 * How far rows were read: all up to one key, and beyond it those that were seen. The key moves on only a while after it
 * was seen, so that rows that are committed late, with lower keys, are still found. Knows no order of keys but the one
 * in which it is told them.
 */
export class NoticePlace {
  /** So many rows beyond the key are known at most. */
  static readonly bound = 10_000;

  /** Names this reading; a place that was forgotten has another. */
  readonly life: string;
  #after: string | undefined;
  /** When each was first seen: Unix time in ms. */
  #seen: Map<string, number>;

  /** Reads what {@linkcode format} wrote. */
  static parse(text: string): NoticePlace {
    const { life, after, seen }: Written = JSON.parse(text);
    return new NoticePlace(
      life,
      after,
      seen.flatMap(({ at, keys }) => keys.map((key) => [key, at] as const)),
    );
  }

  /** A new place: all up to the key `after` is done, and beyond it `keys`, which were seen at `now`. */
  static begin(keys: readonly string[], after: string | undefined, now: number): NoticePlace {
    return new NoticePlace(crypto.randomUUID(), after, keys.map((key) => [key, now]));
  }

  private constructor(
    life: string,
    after: string | undefined,
    seen: Iterable<readonly [string, number]>,
  ) {
    this.life = life;
    this.#after = after;
    this.#seen = new Map(seen);
  }

  /** The key up to which all is done; `undefined` where nothing is. */
  get after(): string | undefined {
    return this.#after;
  }

  /** The last key of all that was seen. */
  get last(): string | undefined {
    return [...this.#seen.keys()].at(-1) ?? this.#after;
  }

  has(key: string): boolean {
    return this.#seen.has(key);
  }

  /** Adds keys that were seen at `now`, the last ones of all. */
  add(keys: readonly string[], now: number): void {
    for (const key of keys) this.#seen.set(key, now);
    this.#bound();
  }

  /** Brings what is known into the order of `found`, and moves on to the last key that was seen by the time `until`. */
  settle(found: readonly string[], until: number): void {
    const before = this.#seen;
    this.#seen = new Map();
    for (const key of found) {
      const at = before.get(key);
      if (at === undefined) continue;
      this.#seen.set(key, at);
      if (at > until) continue;
      this.#after = key;
      this.#seen.clear();
    }
  }

  /** Writes the place down. */
  format(): string {
    const seen: { at: number; keys: string[] }[] = [];
    for (const [key, at] of this.#seen) {
      if (seen.at(-1)?.at !== at) seen.push({ at, keys: [] });
      seen.at(-1)?.keys.push(key);
    }
    const written: Written = {
      life: this.life,
      ...(this.#after !== undefined && { after: this.#after }),
      seen,
    };
    return JSON.stringify(written);
  }

  #bound(): void {
    for (const key of this.#seen.keys()) {
      if (this.#seen.size <= NoticePlace.bound) return;
      this.#seen.delete(key);
      this.#after = key;
    }
  }
}
