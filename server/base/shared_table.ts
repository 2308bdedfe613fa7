import { SYSTEM_RUNTIME } from "./runtime.ts";

/** The memory of a {@linkcode SharedTable}. It can be sent to a worker, which opens the same table over it. */
export interface TableMemory {
  readonly keys: ArrayBufferLike;
  /** Makes the hashes unpredictable, so that nobody can choose keys that belong into one set. */
  readonly seed: readonly [number, number];
}

/** What to do with the rows of a table. What they contain is kept by the owner of the table. */
export interface RowOwner {
  /** How much would be lost with a row if another key took it; `Infinity`: it must not be taken. */
  worthOf(row: number): number;
  /** A new key has taken a row, which may have the values of another one. */
  onTaken(row: number): void;
}

/** Where a key is in a table. It stays valid until {@linkcode SharedTable.holds} is false. */
export interface Place {
  readonly row: number;
  readonly hash: bigint;
}

/** Number of rows that a key can be in. */
const SET = 8;

/**
 * A hash table whose keys all workers of a process share: they find a key in the same row, whichever of them was the first
 * to look for it. Its size never changes. If the rows for a new key are taken, it gets the one that is worth the least. A
 * key is known by 64 bits of its hash. A lookup waits while another worker takes a row of
 * the same set, for microseconds.
 *
 * Two workers that insert the same key at the same moment can get two rows for it, if a third row becomes free meanwhile.
 */
export class SharedTable {
  readonly #keys: BigInt64Array<ArrayBufferLike>;
  readonly #seed: readonly [number, number];
  readonly #owner: RowOwner;

  /** Makes the memory of a table with at least this number of rows. */
  static allocate(
    rows: number,
    Memory: new (bytes: number) => ArrayBufferLike,
    runtime = SYSTEM_RUNTIME,
  ): TableMemory {
    const [first = 0, second = 0] = new Int32Array(runtime.randomBytes(8).buffer);
    const size = 2 ** Math.ceil(Math.log2(Math.max(rows, SET)));
    return { keys: new Memory(size * 8), seed: [first, second] };
  }

  constructor({ keys, seed }: TableMemory, owner: RowOwner) {
    this.#keys = new BigInt64Array(keys);
    this.#seed = seed;
    this.#owner = owner;
  }

  /** The place of a key, which is inserted if it is not there; `undefined` if no row can be taken. */
  find(key: string): Place | undefined {
    const hash = hashOf(key, this.#seed);
    for (;;) {
      const free = this.#freeRow(this.#startOf(hash), hash);
      if (free === undefined) return undefined;
      const { row, key: old } = free;
      if (old === hash) return { row, hash };
      // Another worker may have taken it first, or is just taking it, perhaps for this key.
      if (old === CLAIMED || Atomics.compareExchange(this.#keys, row, old, CLAIMED) !== old) {
        continue;
      }
      // Before others find it: what they put into the row must stay.
      this.#owner.onTaken(row);
      Atomics.store(this.#keys, row, hash);
      return { row, hash };
    }
  }

  /** Whether a key is in the table. */
  has(key: string): boolean {
    const hash = hashOf(key, this.#seed);
    const start = this.#startOf(hash);
    let found;
    do found = this.#freeRow(start, hash)?.key; while (found === CLAIMED);
    return found === hash;
  }

  /** Whether a key is still in its place. */
  holds({ row, hash }: Place): boolean {
    return this.#keys[row] === hash;
  }

  #startOf(hash: bigint): number {
    return Number(BigInt.asUintN(32, hash)) % (this.#keys.length / SET) * SET;
  }

  /** The row that has this hash, or else the one to take. */
  #freeRow(start: number, hash: bigint): { row: number; key: bigint } | undefined {
    let least = Infinity;
    let found: { row: number; key: bigint } | undefined;
    for (let row = start; row < start + SET; row++) {
      const key = Atomics.load(this.#keys, row);
      if (key === hash || key === CLAIMED) return { row, key };
      const worth = key === EMPTY ? -Infinity : this.#owner.worthOf(row);
      if (worth >= least) continue;
      least = worth;
      found = { row, key };
    }
    return found;
  }
}

const EMPTY = 0n;
/** A worker takes this row, and is about to write its key. */
const CLAIMED = 1n;

const words = new Uint32Array(2);
const bits = new BigInt64Array(words.buffer);

/** A hash of 64 bits: cyrb53 (https://github.com/bryc/code/blob/master/jshash), with both halves and two seeds. */
function hashOf(key: string, [first, second]: TableMemory["seed"]): bigint {
  let high = 0xdeadbeef ^ first;
  let low = 0x41c6ce57 ^ second;
  for (let n = 0; n < key.length; n++) {
    const code = key.charCodeAt(n);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  words[0] = low;
  words[1] = high;
  const [hash = EMPTY] = bits;
  return hash === EMPTY || hash === CLAIMED ? 2n : hash;
}
