/** An event that has not happened yet. */
export interface QueuedEvent {
  readonly at: number;
  /** Orders events of different actors at the same time. */
  readonly tie: number;
  /** The order in which events were planned. */
  readonly sequence: number;
}

/** Events by time: a binary heap. */
export class EventQueue<T extends QueuedEvent> {
  readonly #heap: T[] = [];

  get first(): T | undefined {
    return this.#heap[0];
  }

  add(event: T): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  take(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    heap[0] = last;
    this.#sink();
    return first;
  }

  #sink(): void {
    let index = 0;
    while (true) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, least)) least = child;
      }
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }

  #isBefore(index: number, other: number): boolean {
    const [a, b] = [this.#heap[index]!, this.#heap[other]!];
    return (a.at - b.at || a.tie - b.tie || a.sequence - b.sequence) < 0;
  }

  #swap(index: number, other: number): void {
    const heap = this.#heap;
    [heap[index], heap[other]] = [heap[other]!, heap[index]!];
  }
}
