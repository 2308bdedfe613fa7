/** A map that forgets what was not asked for lately: it never holds more than twice `half` entries. */
export class RecentMap<K, V> {
  readonly #half: number;
  readonly #make: () => V;
  #recent = new Map<K, V>();
  #older = new Map<K, V>();

  /** `make` makes the entry of a key that is not known. */
  constructor(half: number, make: () => V) {
    this.#half = half;
    this.#make = make;
  }

  get size(): number {
    return this.#recent.size + this.#older.size;
  }

  /** The entry of a key: the same each time, unless it was forgotten. */
  of(key: K): V {
    const known = this.#recent.get(key);
    if (known !== undefined) return known;
    const value = this.#older.get(key) ?? this.#make();
    this.#older.delete(key);
    this.#recent.set(key, value);
    // Two maps that take turns: to keep one in order would cost something with each request.
    if (this.#recent.size >= this.#half) [this.#recent, this.#older] = [new Map(), this.#recent];
    return value;
  }
}
