import { type MonotonicTime, msBetween, PROCESS_START, SharedTimes } from "../../base/clock.ts";
import type { Runtime } from "../../base/runtime.ts";
import { type Place, SharedTable, type TableMemory } from "../../base/shared_table.ts";
import type { TokenBucket } from "./token_bucket.ts";

/** The kinds of buckets that a client can have: each is a column of the table. */
const COLUMNS = { polls: 0, sends: 1, calls: 2, signIns: 3, wrongTokens: 4, uploads: 5 } as const;

/** The buckets of one kind. */
export type Column = keyof typeof COLUMNS;

/** The memory of {@linkcode ClientBuckets}, which can be sent to a worker. */
export interface BucketMemory {
  readonly table: TableMemory;
  readonly times: ArrayBufferLike;
  readonly counts: ArrayBufferLike;
}

/** Tokens to take from a bucket. */
export interface Charge {
  readonly bucket: TokenBucket;
  readonly now: MonotonicTime;
  readonly count: number;
}

/** Number of clients that are remembered: sessions, addresses, networks and API keys. */
const CLIENTS = 65_536;

const WIDTH = Object.keys(COLUMNS).length;

/**
 * The token buckets of all clients, in memory that the workers of a process share: a client has the same buckets whichever
 * worker it asks. The clients whose buckets are the furthest from full are remembered; a full bucket is like a new one.
 */
export class ClientBuckets {
  readonly #table: SharedTable;
  /** When each bucket is full again. */
  readonly #times: SharedTimes;
  readonly #counts: Int8Array<ArrayBufferLike>;

  static allocate(
    Memory: new (bytes: number) => ArrayBufferLike,
    runtime?: Runtime,
  ): BucketMemory {
    return {
      table: SharedTable.allocate(CLIENTS, Memory, runtime),
      times: new Memory(CLIENTS * WIDTH * 8),
      counts: new Memory(CLIENTS * WIDTH),
    };
  }

  constructor({ table, times, counts }: BucketMemory) {
    this.#times = new SharedTimes(times);
    this.#counts = new Int8Array(counts);
    this.#table = new SharedTable(table, {
      worthOf: (row) => this.#fullAfter(row),
      onTaken: (row) => this.#clear(row),
    });
  }

  /** Where the buckets of a client are. They move when others take their place: call this again unless it `holds`. */
  find(client: string): Place {
    const place = this.#table.find(client);
    if (place === undefined) throw new Error("Every row of the buckets can be taken");
    return place;
  }

  holds(place: Place): boolean {
    return this.#table.holds(place);
  }

  /** Takes `count` tokens if there are as many. Returns the time in ms until there are; 0 if they were taken. */
  take(place: Place, column: Column, { bucket, now, count }: Charge): number {
    const index = indexOf(place, column);
    for (;;) {
      const fullAt = this.#times.at(index);
      const taken = bucket.take(fullAt, now, count);
      const waitTime = bucket.waitTime(taken, now);
      if (waitTime > 0) return waitTime;
      if (this.#times.replace(index, fullAt, taken)) return 0;
    }
  }

  /** Takes tokens even if there are too few, or gives them back: a negative number of them. */
  charge(place: Place, column: Column, { bucket, now, count }: Charge): void {
    const index = indexOf(place, column);
    for (;;) {
      const fullAt = this.#times.at(index);
      if (this.#times.replace(index, fullAt, bucket.take(fullAt, now, count))) return;
    }
  }

  /** The number that is kept beside a bucket, modulo 256, from -128 to 127. */
  numberOf(place: Place, column: Column): number {
    return Atomics.load(this.#counts, indexOf(place, column));
  }

  /** Adds 1 to that number if it is still `old`. Returns whether it was. */
  increment(place: Place, column: Column, old: number): boolean {
    return Atomics.compareExchange(this.#counts, indexOf(place, column), old, old + 1) === old;
  }

  /** When the last bucket of a row is full, in ms after the start. */
  #fullAfter(row: number): number {
    let last = -Infinity;
    for (let index = row * WIDTH; index < (row + 1) * WIDTH; index++) {
      last = Math.max(last, msBetween(PROCESS_START, this.#times.at(index)));
    }
    return last;
  }

  #clear(row: number): void {
    for (let index = row * WIDTH; index < (row + 1) * WIDTH; index++) {
      this.#times.clear(index);
      Atomics.store(this.#counts, index, 0);
    }
  }
}

function indexOf({ row }: Place, column: Column): number {
  return row * WIDTH + COLUMNS[column];
}
