import { deserialize, serialize } from "node:v8";
import { sortable } from "./key_order.ts";

/** A change that a commit makes. */
export type Mutation =
  | { readonly type: "set"; readonly key: Deno.KvKey; readonly value: unknown; expireIn?: number }
  | { readonly type: "delete"; readonly key: Deno.KvKey }
  | { readonly type: "sum"; readonly key: Deno.KvKey; readonly value: bigint };

/** What a commit checks and changes. */
export interface Commit {
  readonly checks: readonly Deno.AtomicCheck[];
  readonly mutations: readonly Mutation[];
}

/** A value as it is stored: a copy, so that nobody shares objects with the database. */
interface StoredEntry {
  readonly key: Deno.KvKey;
  readonly bytes: Uint8Array | undefined;
  /** The value of a `Deno.KvU64`. */
  readonly number: bigint | undefined;
  readonly versionstamp: string;
  /** Unix time in ms. */
  readonly expires: number;
}

/** Limits of Deno KV, in bytes: https://docs.deno.com/deploy/kv/manual. */
const MAX = { key: 2_048, value: 65_536, commit: 819_200, keys: 81_920 } as const;

/** Number of keys, checks and mutations that one operation can have. */
const MAX_COUNT = { read: 10, checks: 100, mutations: 1_000 } as const;

/** The committed data of a Deno KV database. Everything that it does is atomic, and happens at once. */
export class KvData {
  readonly #now: () => number;
  readonly #entries = new Map<string, StoredEntry>();
  /** The sortable keys, in order. */
  readonly #sorted: string[] = [];
  readonly #listeners = new Set<(changed: ReadonlySet<string>) => void>();
  #version = 0;

  /** `now`: the Unix time in ms, by which entries expire. */
  constructor(now: () => number) {
    this.#now = now;
  }

  read(keys: readonly Deno.KvKey[]): Deno.KvEntryMaybe<unknown>[] {
    if (keys.length > MAX_COUNT.read) throw new TypeError(`Too many keys (max ${MAX_COUNT.read})`);
    this.#expire();
    return keys.map((key) => {
      const entry = this.#entries.get(sortable(key));
      return entry === undefined
        ? { key, value: null, versionstamp: null }
        : { key, value: valueOf(entry), versionstamp: entry.versionstamp };
    });
  }

  /** The entries whose sortable keys are from `start` up to, but without, `end`. */
  range({ start, end, limit, reverse }: KvRange): Deno.KvEntry<unknown>[] {
    this.#expire();
    const names = this.#sorted.slice(this.#indexOf(start), this.#indexOf(end));
    if (reverse) names.reverse();
    return names.slice(0, limit).flatMap((name) => {
      const entry = this.#entries.get(name);
      if (entry === undefined) return [];
      return [{ key: entry.key, value: valueOf(entry), versionstamp: entry.versionstamp }];
    });
  }

  commit({ checks, mutations }: Commit): Deno.KvCommitResult | Deno.KvCommitError {
    checkLimits({ checks, mutations });
    this.#expire();
    for (const { key, versionstamp } of checks) {
      const stored = this.#entries.get(sortable(key));
      if ((stored?.versionstamp ?? null) !== versionstamp) return { ok: false };
    }
    const versionstamp = `${(++this.#version).toString(16).padStart(16, "0")}0000`;
    for (const mutation of mutations) this.#apply(mutation, versionstamp);
    const changed = new Set(mutations.map(({ key }) => sortable(key)));
    for (const onCommit of this.#listeners) onCommit(changed);
    return { ok: true, versionstamp };
  }

  /** Calls `onCommit` with the sortable keys of each commit, until disposed. */
  listen(onCommit: (changed: ReadonlySet<string>) => void): Disposable {
    this.#listeners.add(onCommit);
    return { [Symbol.dispose]: () => void this.#listeners.delete(onCommit) };
  }

  #apply(mutation: Mutation, versionstamp: string): void {
    const { key } = mutation;
    const name = sortable(key);
    if (mutation.type === "delete") return this.#delete(name);
    if (!this.#entries.has(name)) this.#sorted.splice(this.#indexOf(name), 0, name);
    if (mutation.type === "sum") {
      const number = BigInt.asUintN(64, this.#numberAt(name) + mutation.value);
      const expires = Infinity;
      this.#entries.set(name, { key, bytes: undefined, number, versionstamp, expires });
      return;
    }
    const { value, expireIn = Infinity } = mutation;
    this.#entries.set(name, {
      key,
      ...stored(value),
      versionstamp,
      expires: this.#now() + expireIn,
    });
  }

  #numberAt(name: string): bigint {
    const entry = this.#entries.get(name);
    if (entry === undefined) return 0n;
    if (entry.number === undefined) {
      throw new TypeError("Failed to perform 'sum' mutation on a non-U64 value in the database");
    }
    return entry.number;
  }

  #delete(name: string): void {
    if (this.#entries.delete(name)) this.#sorted.splice(this.#indexOf(name), 1);
  }

  #expire(): void {
    const now = this.#now();
    for (const [name, { expires }] of this.#entries) if (expires <= now) this.#delete(name);
  }

  #indexOf(name: string): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? "") < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A range of sortable keys. */
export interface KvRange {
  readonly start: string;
  readonly end: string;
  readonly limit: number;
  readonly reverse: boolean;
}

function stored(value: unknown): Pick<StoredEntry, "bytes" | "number"> {
  if (value instanceof Deno.KvU64) return { bytes: undefined, number: value.value };
  return { bytes: serialize(value), number: undefined };
}

function valueOf({ bytes, number }: StoredEntry) {
  if (number !== undefined) return new Deno.KvU64(number);
  const value = deserialize(bytes ?? serialize(null));
  // Deno KV returns an array of its own, not a view into a larger buffer.
  return value instanceof Uint8Array ? new Uint8Array(value) : value;
}

function checkLimits({ checks, mutations }: Commit): void {
  if (checks.length > MAX_COUNT.checks) throw tooMany("checks", MAX_COUNT.checks);
  if (mutations.length > MAX_COUNT.mutations) throw tooMany("mutations", MAX_COUNT.mutations);
  let [keys, total] = [0, 0];
  for (const { key } of [...checks, ...mutations]) {
    const { length } = sortable(key);
    if (length > MAX.key) throw tooLarge("Key", "for write ", MAX.key);
    keys += length;
  }
  for (const mutation of mutations) {
    const isBytes = mutation.type === "set" && !(mutation.value instanceof Deno.KvU64);
    const size = !isBytes
      ? 8
      : mutation.value instanceof Uint8Array
      ? mutation.value.length
      : serialize(mutation.value).length;
    if (size > MAX.value) throw tooLarge("Value", "", MAX.value);
    total += size + sortable(mutation.key).length;
  }
  if (total > MAX.commit) throw tooLarge("Total mutation size", "", MAX.commit);
  if (keys > MAX.keys) throw tooLarge("Total key size", "", MAX.keys);
}

function tooMany(what: string, max: number): TypeError {
  return new TypeError(`Too many ${what} (max ${max})`);
}

function tooLarge(what: string, when: string, max: number): TypeError {
  return new TypeError(`${what} too large ${when}(max ${max} bytes)`);
}
