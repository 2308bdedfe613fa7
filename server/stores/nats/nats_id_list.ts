import { Deque } from "../../base/deque.ts";

/** Ids in ascending order, from which any can be removed. Several lists share the set of the ids that were removed. */
export class IdList {
  readonly #removed: ReadonlySet<number>;
  #ids = new Deque<number>();

  constructor(removed: ReadonlySet<number>) {
    this.#removed = removed;
  }

  /** The number of ids, with those that were removed but are still in the list. */
  get length(): number {
    return this.#ids.length;
  }

  /** Valid after {@linkcode shiftRemoved}, as are `isEmpty` and `first`. */
  get isEmpty(): boolean {
    return this.#ids.length === 0;
  }

  get first(): number | undefined {
    return this.#ids.at(0);
  }

  has(id: number): boolean {
    return this.#ids.at(this.indexOf(id)) === id && !this.#removed.has(id);
  }

  /** The index of an id, or of the next higher one. */
  indexOf(id: number): number {
    return this.#ids.firstIndex((other) => other >= id);
  }

  push(id: number): void {
    this.#ids.push(id);
  }

  /** Up to `limit` ids after `after`. */
  after(after: number, limit: number): number[] {
    const found: number[] = [];
    for (let n = this.indexOf(after + 1); n < this.#ids.length && found.length < limit; n++) {
      this.#addTo(found, n);
    }
    return found;
  }

  /** Up to `limit` ids below `before`, highest first. */
  before(before: number, limit: number): number[] {
    const found: number[] = [];
    for (let n = this.indexOf(before) - 1; n >= 0 && found.length < limit; n--) {
      this.#addTo(found, n);
    }
    return found;
  }

  /** Drops removed ids from the front; returns how many. */
  shiftRemoved(): number {
    let count = 0;
    while (this.#removed.has(this.#ids.at(0) ?? -1)) {
      this.#ids.shift();
      count++;
    }
    return count;
  }

  /** Drops all removed ids. Calls `onKept` with the index of each other one. */
  compact(onKept?: (index: number) => void): void {
    const ids = this.#ids;
    this.#ids = new Deque();
    for (let n = 0; n < ids.length; n++) {
      const id = ids.at(n);
      if (id === undefined || this.#removed.has(id)) continue;
      this.#ids.push(id);
      onKept?.(n);
    }
  }

  #addTo(found: number[], index: number): void {
    const id = this.#ids.at(index);
    if (id !== undefined && !this.#removed.has(id)) found.push(id);
  }
}
