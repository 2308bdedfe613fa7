/** Something that changes, and that readers want to know of. */
interface Source {
  /** Another number for each other value; found out first, where it must be. */
  readonly version: number;
  add(reader: Reader): void;
  remove(reader: Reader): void;
}

/** Whoever reads now. */
let reading: Reader | undefined;
let depth = 0;
let due = new Set<Reaction>();

/** Notes what is read, to be told when it may have changed. */
abstract class Reader {
  sources = new Map<Source, number>();

  /** Something that was read may have changed. */
  abstract notice(): void;
  /** Whether it is told of changes, and need not look for them. */
  abstract get isTold(): boolean;

  get hasChanged(): boolean {
    // In the order in which they were read: whether the later ones are read at all may depend on the earlier.
    for (const [source, seen] of this.sources) if (source.version !== seen) return true;
    return false;
  }

  note(source: Source, version: number): void {
    // As it was read first: what changes it meanwhile counts.
    if (!this.sources.has(source)) this.sources.set(source, version);
    if (this.isTold) source.add(this);
  }

  read<T>(compute: () => T): T {
    const [outer, before] = [reading, this.sources];
    this.sources = new Map();
    reading = this;
    try {
      return compute();
    } finally {
      reading = outer;
      for (const source of before.keys()) if (!this.sources.has(source)) source.remove(this);
    }
  }
}

/** A value that may be set. */
export class Signal<T> implements Source {
  version = 0;
  #value: T;
  readonly #readers = new Set<Reader>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    reading?.note(this, this.version);
    return this.#value;
  }

  set value(value: T) {
    if (value === this.#value) return;
    this.#value = value;
    this.version++;
    batch(() => this.#readers.forEach((reader) => reader.notice()));
  }

  peek(): T {
    return this.#value;
  }

  add(reader: Reader): void {
    this.#readers.add(reader);
  }

  remove(reader: Reader): void {
    this.#readers.delete(reader);
  }
}

/** A value that follows from others, computed when it is read. While nobody watches it, nothing holds it. */
class Computed<T> extends Reader implements Source {
  #compute: () => T;
  #value: T | undefined;
  #version = 0;
  #mayHaveChanged = true;
  readonly #readers = new Set<Reader>();

  constructor(compute: () => T) {
    super();
    this.#compute = compute;
  }

  get value(): T {
    const value = this.peek();
    reading?.note(this, this.#version);
    return value;
  }

  peek(): T {
    if (!this.isTold || this.#mayHaveChanged) this.#refresh();
    return this.#value as T;
  }

  get version(): number {
    this.peek();
    return this.#version;
  }

  get isTold(): boolean {
    return this.#readers.size > 0;
  }

  notice(): void {
    if (this.#mayHaveChanged) return;
    this.#mayHaveChanged = true;
    this.#readers.forEach((reader) => reader.notice());
  }

  add(reader: Reader): void {
    if (!this.isTold) {
      this.#readers.add(reader);
      for (const source of this.sources.keys()) source.add(this);
    }
    this.#readers.add(reader);
  }

  remove(reader: Reader): void {
    this.#readers.delete(reader);
    if (!this.isTold) { for (const source of this.sources.keys()) source.remove(this); }
  }

  #refresh(): void {
    if (this.#version === 0 || this.hasChanged) {
      const value = this.read(this.#compute);
      if (this.#version === 0 || value !== this.#value) this.#version++;
      this.#value = value;
    }
    this.#mayHaveChanged = false;
  }
}

/** Acts at once, and again whenever something that it has read has changed. */
export class Reaction extends Reader {
  readonly isTold = true;
  readonly #act: () => void;

  constructor(act: () => void) {
    super();
    this.#act = act;
  }

  notice(): void {
    due.add(this);
  }

  act(): void {
    this.#act();
  }

  end(): void {
    due.delete(this);
    this.read(() => {});
  }
}

export function signal<T>(value: T): Signal<T> {
  return new Signal(value);
}

export function computed<T>(compute: () => T): Computed<T> {
  return new Computed(compute);
}

/** Acts at once, and whenever something has changed that it has read; until what it returns is called. */
export function effect(act: () => void): () => void {
  const reaction: Reaction = new Reaction(() => batch(() => reaction.read(act)));
  reaction.act();
  return () => reaction.end();
}

/** Changes several signals; who watches them acts after the last. */
export function batch<T>(change: () => T): T {
  depth++;
  try {
    return change();
  } finally {
    try {
      // The outermost stays open meanwhile: what reactions change is due in the next round.
      if (depth === 1) settle();
    } finally {
      depth--;
    }
  }
}

function settle(): void {
  while (due.size > 0) {
    const reactions = due;
    due = new Set();
    for (const reaction of reactions) if (reaction.hasChanged) reaction.act();
  }
}
