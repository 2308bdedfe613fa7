/**
 * A map of a few keys, such as the tabs of a session: it takes less than half of the memory of a `Map`, and one is kept for each of
 * very many sessions. Keys are found by comparing them in turn.
 */
export class SmallMap<K, V> {
  #first: Entry<K, V> | undefined;

  get size(): number {
    let size = 0;
    for (let entry = this.#first; entry !== undefined; entry = entry.next) size++;
    return size;
  }

  get(key: K): V | undefined {
    let entry = this.#first;
    while (entry !== undefined && entry.key !== key) entry = entry.next;
    return entry?.value;
  }

  set(key: K, value: V): void {
    let last: Entry<K, V> | undefined;
    for (let entry = this.#first; entry !== undefined; entry = entry.next) {
      if (entry.key === key) {
        entry.value = value;
        return;
      }
      last = entry;
    }
    const added = { key, value, next: undefined };
    if (last === undefined) this.#first = added;
    else last.next = added;
  }

  delete(key: K): void {
    let before: Entry<K, V> | undefined;
    for (let entry = this.#first; entry !== undefined; entry = entry.next) {
      if (entry.key !== key) before = entry;
      else if (before === undefined) this.#first = entry.next;
      else before.next = entry.next;
    }
  }

  /** The keys as of now, the oldest first: entries can be added and removed while they are visited. */
  keys(): readonly K[] {
    const keys: K[] = [];
    for (let entry = this.#first; entry !== undefined; entry = entry.next) keys.push(entry.key);
    return keys;
  }

  /** The values as of now, the oldest first. */
  values(): readonly V[] {
    const values: V[] = [];
    for (let entry = this.#first; entry !== undefined; entry = entry.next) values.push(entry.value);
    return values;
  }
}

/** A key with its value, and the entry after it. */
interface Entry<K, V> {
  readonly key: K;
  value: V;
  next: Entry<K, V> | undefined;
}
