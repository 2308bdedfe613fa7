import type { Runtime } from "./runtime.ts";
import { type Place, SharedTable, type TableMemory } from "./shared_table.ts";

/** The memory of {@linkcode SharedCounts}, which can be sent to a worker. */
export interface CountMemory {
  readonly table: TableMemory;
  readonly counts: ArrayBufferLike;
  readonly marks: ArrayBufferLike;
}

/**
 * Counts by key, in memory that the workers of a process share. Beside each count there is a mark, a number for anything
 * that has to be known of the key. A key is forgotten when its count is 0 and its row is needed.
 */
export class SharedCounts {
  readonly #table: SharedTable;
  readonly #counts: Int32Array<ArrayBufferLike>;
  readonly #marks: Int32Array<ArrayBufferLike>;

  /** For up to about half of `rows` keys at a time. Beyond that, some keys have no place. */
  static allocate(rows: number, runtime?: Runtime): CountMemory {
    const table = SharedTable.allocate(rows, SharedArrayBuffer, runtime);
    const bytes = table.keys.byteLength / 2;
    return { table, counts: new SharedArrayBuffer(bytes), marks: new SharedArrayBuffer(bytes) };
  }

  constructor({ table, counts, marks }: CountMemory) {
    this.#counts = new Int32Array(counts);
    this.#marks = new Int32Array(marks);
    this.#table = new SharedTable(table, {
      worthOf: (row) => Atomics.load(this.#counts, row) > 0 ? Infinity : 0,
      onTaken: (row) => Atomics.store(this.#marks, row, 0),
    });
  }

  /** Where a key is. Valid while its count is above 0. */
  find(key: string): Place | undefined {
    return this.#table.find(key);
  }

  /** Counts one more unless the count is `max`; returns the count before, or `undefined` if it was `max`. */
  enter({ row }: Place, max = Infinity): number | undefined {
    const before = Atomics.add(this.#counts, row, 1);
    if (before < max) return before;
    Atomics.sub(this.#counts, row, 1);
    return undefined;
  }

  /** Counts one less; returns the count that is left. */
  leave({ row }: Place): number {
    return Atomics.sub(this.#counts, row, 1) - 1;
  }

  mark({ row }: Place): number {
    return Atomics.load(this.#marks, row);
  }

  addToMark({ row }: Place, change: number): void {
    Atomics.add(this.#marks, row, change);
  }

  /** Sets a mark and returns what it was. */
  setMark({ row }: Place, mark: number): number {
    return Atomics.exchange(this.#marks, row, mark);
  }

  /** Sets a mark if it is still `old`. */
  replaceMark({ row }: Place, old: number, mark: number): void {
    Atomics.compareExchange(this.#marks, row, old, mark);
  }
}
