/**
 * A map of a few keys, such as the tabs of a session: it takes less than half of the memory of a `Map`, and one is kept for
 * each of very many sessions. Keys are found by comparing them in turn.
 */
export class SmallMap<K, V> {
  #keys: readonly K[] = NONE;
  #values: readonly V[] = NONE;

  get size(): number {
    return this.#keys.length;
  }

  get(key: K): V | undefined {
    const index = this.#keys.indexOf(key);
    return index < 0 ? undefined : this.#values[index];
  }

  set(key: K, value: V): void {
    const index = this.#keys.indexOf(key);
    if (index >= 0) this.#values = this.#values.with(index, value);
    else {
      // An array that is built by spreading has room for 16 more items.
      this.#keys = this.#keys.concat([key]);
      this.#values = this.#values.concat([value]);
    }
  }

  delete(key: K): void {
    const index = this.#keys.indexOf(key);
    if (index < 0) return;
    this.#keys = this.#keys.toSpliced(index, 1);
    this.#values = this.#values.toSpliced(index, 1);
  }

  /** The keys as of now: entries can be added and removed while they are visited. */
  keys(): readonly K[] {
    return this.#keys;
  }

  /** The values as of now. */
  values(): readonly V[] {
    return this.#values;
  }
}

const NONE: readonly never[] = [];
