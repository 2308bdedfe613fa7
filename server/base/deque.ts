/** A queue with constant cost at both ends and access by index. */
export class Deque<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Removes and returns the first item. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  at(index: number): T | undefined {
    return index < 0 ? this.#items.at(index) : this.#items[this.#head + index];
  }

  /** Replaces an item; without a new one, removes it. */
  replace(index: number, item: T | undefined): void {
    if (index < 0 || index >= this.length) return;
    if (item === undefined) this.#items.splice(this.#head + index, 1);
    else this.#items[this.#head + index] = item;
  }

  /** The index of the first item that satisfies `isLater`; the items must be sorted by it. */
  firstIndex(isLater: (item: T) => boolean): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const item = this.at(middle);
      if (item !== undefined && isLater(item)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** A copy of at most `limit` items from `index` on. */
  slice(index: number, limit: number): T[] {
    const start = this.#head + index;
    return this.#items.slice(start, start + limit).filter((item) => item !== undefined);
  }
}
