/** Lets a number of tasks run at the same time; others wait in the order in which they came. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/** Slots for each name. */
export class NamedSlots {
  readonly #count: number;
  readonly #slots = new Map<string, Slots>();

  constructor(count: number) {
    this.#count = count;
  }

  run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const slots = this.#slots.get(name) ?? new Slots(this.#count);
    this.#slots.set(name, slots);
    return slots.run(task);
  }
}
