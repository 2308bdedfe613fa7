/** What counts against the bounds of one commit. */
export interface Weight {
  readonly mutations: number;
  readonly keyBytes: number;
  /** Of keys and values. */
  readonly bytes: number;
}

/** What is to be written under a key. */
export interface Entry {
  readonly key: Deno.KvKey;
  readonly value: unknown;
  /** In ms. */
  readonly expireIn?: number;
}

/** A value may have 65,536 bytes; this leaves room for what stands around the largest message. */
export const VALUE_BYTES = 64_000;

/** KV takes 1000 mutations, 81,920 bytes of keys and 819,200 bytes in all; some are left for what rules the commit. */
const COMMIT: Weight = { mutations: 990, keyBytes: 80_000, bytes: 810_000 };

/** What a small object takes as a value, at most. */
const SMALL = 256;

const utf8 = new TextEncoder();

/** What an entry weighs. Values that are no bytes must be small. */
export function weightOf({ key, value }: Entry): Weight {
  const keyBytes = key.reduce((sum: number, part) => sum + bytesOf(part), 0);
  const valueBytes = value instanceof Uint8Array ? value.length : SMALL;
  return { mutations: 1, keyBytes, bytes: keyBytes + valueBytes };
}

/** What several things weigh together. */
export function sum(weights: readonly Weight[]): Weight {
  return weights.reduce(add, { mutations: 0, keyBytes: 0, bytes: 0 });
}

/** Whether one commit can carry that. */
export function fits({ mutations, keyBytes, bytes }: Weight): boolean {
  return mutations <= COMMIT.mutations && keyBytes <= COMMIT.keyBytes && bytes <= COMMIT.bytes;
}

/** Parts a list, in order, into batches that fit a commit each; what fits none is a batch by itself. */
export function batches<T>(items: readonly T[], weigh: (item: T) => Weight): readonly T[][] {
  const all: T[][] = [];
  let batch: T[] = [];
  let weight = sum([]);
  for (const item of items) {
    const own = weigh(item);
    if (batch.length > 0 && !fits(add(weight, own))) {
      all.push(batch);
      [batch, weight] = [[], sum([])];
    }
    batch.push(item);
    weight = add(weight, own);
  }
  return batch.length > 0 ? [...all, batch] : all;
}

/** Adds an entry to an operation. */
export function write(operation: Deno.AtomicOperation, { key, value, expireIn }: Entry): void {
  operation.set(key, value, expireIn === undefined ? {} : { expireIn });
}

function add(one: Weight, other: Weight): Weight {
  return {
    mutations: one.mutations + other.mutations,
    keyBytes: one.keyBytes + other.keyBytes,
    bytes: one.bytes + other.bytes,
  };
}

function bytesOf(part: Deno.KvKeyPart): number {
  // One byte tells the type, and one ends a text.
  return typeof part === "string" ? utf8.encode(part).length + 2 : 9;
}
