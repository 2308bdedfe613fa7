import type { Size } from "../../core/log/fair_trim.ts";
import {
  bytesOf,
  encode,
  type Entry,
  type Kind,
  kindOf,
  KINDS,
  ownerOf,
  type Topic,
} from "../../core/model/message.ts";
import type { KvDatabase } from "./kv_database.ts";
import { decodeEntry } from "./kv_entries.ts";
import {
  HEAD,
  MAX_ID,
  messageKey,
  sizeKey,
  sizesPrefix,
  topicKey,
  totalKey,
  TRIMMED,
  UNCOUNTED,
} from "./kv_keys.ts";

/** Number of messages of an earlier version that are counted at once. */
const COUNT_BATCH = 100;

/** Number of sizes that are read at once. */
const LIST_SIZE = 500;

/** The size of an owner is one number: above this bit the number of messages, below it their bytes. */
const MESSAGES_BIT = 38n;
const BYTES_MASK = (1n << MESSAGES_BIT) - 1n;

/** Messages of an earlier version that are not counted yet. The field names are part of the stored format. */
interface Uncounted {
  readonly after: number;
  readonly upTo: number;
}

/** Sizes of owners, collected for one commit, which adds them to the stored ones or subtracts them. */
export class SizeChange {
  readonly owners = new Map<Topic, Size>();

  /** Adds an entry as it is stored. */
  add(entry: Entry, json = encode(entry).json): void {
    this.#add(ownerOf(entry), { messages: 1, bytes: bytesOf(json) });
  }

  /** Replaces a message, which can have another owner then. */
  replace(before: Entry, after: Entry): void {
    this.#add(ownerOf(before), { messages: -1, bytes: -encode(before).bytes });
    this.add(after);
  }

  write(operation: Deno.AtomicOperation, sign: 1n | -1n): void {
    const totals = { private: EMPTY, rooms: EMPTY, changes: EMPTY };
    for (const [owner, size] of this.owners) {
      const kind = kindOf(owner);
      totals[kind] = sum(totals[kind], size);
      operation.sum(sizeKey(kind, owner), BigInt.asUintN(64, sign * packed(size)));
    }
    for (const kind of KINDS) writeTotal(operation, kind, totals[kind], sign);
  }

  #add(owner: Topic, size: Size): void {
    this.owners.set(owner, sum(this.owners.get(owner) ?? EMPTY, size));
  }
}

/** Reads the stored sizes, and counts the messages of earlier versions, which stored none. */
export class KvSizes {
  readonly #database: KvDatabase;
  #isComplete = false;

  constructor(database: KvDatabase) {
    this.#database = database;
  }

  /** Must be called before the first append of this process: what is appended from then on is counted with it. */
  async prepare(): Promise<void> {
    await this.#database.retry(async () => {
      const [head, trimmed] = await this.#database.getMany<number>([HEAD, TRIMMED]);
      const uncounted = await this.#database.get<Uncounted>(UNCOUNTED);
      if (uncounted.value !== null || head === undefined) return true;
      const value: Uncounted = { after: trimmed?.value ?? 0, upTo: head.value ?? 0 };
      const committed = await this.#database.commit((operation) =>
        operation.check(head, uncounted).set(UNCOUNTED, value)
      );
      return committed === undefined ? undefined : true;
    });
  }

  /** Counts a batch of messages of an earlier version; returns whether there may be more. */
  async countMore(): Promise<boolean> {
    if (this.#isComplete) return false;
    const entry = await this.#database.get<Uncounted>(UNCOUNTED);
    const { after, upTo } = entry.value ?? { after: 0, upTo: 0 };
    if (after >= upTo) {
      this.#isComplete = true;
      return false;
    }
    const selector = { start: messageKey(after + 1), end: messageKey(upTo + 1) };
    const entries = await this.#database.list<Uint8Array>(selector, { limit: COUNT_BATCH });
    const messages = entries.map(({ value }) => decodeEntry(value));
    const change = new SizeChange();
    for (const message of messages) change.add(message);
    const last = entries.length < COUNT_BATCH ? upTo : messages.at(-1)?.id ?? upTo;
    // If another node counts at the same time, only one of the two succeeds.
    await this.#database.commit((operation) => {
      operation.check(entry).set(UNCOUNTED, { after: last, upTo });
      for (const message of messages) operation.set(topicKey(ownerOf(message), message.id), true);
      change.write(operation, 1n);
    });
    return true;
  }

  async totalOf(kind: Kind): Promise<Size> {
    const keys = [totalKey(kind, "messages"), totalKey(kind, "bytes")];
    const [messages, bytes] = await this.#database.getMany<Deno.KvU64>(keys);
    return { messages: signed(messages?.value), bytes: signed(bytes?.value) };
  }

  /** The size of each owner of a kind. Those of owners without messages are empty. */
  async ownersOf(kind: Kind): Promise<Map<string, Size>> {
    const sizes = new Map<string, Size>();
    const prefix = sizesPrefix(kind);
    let start: Deno.KvKey | undefined;
    while (true) {
      const selector = start === undefined ? { prefix } : { prefix, start };
      const entries = await this.#database.list<Deno.KvU64>(selector, { limit: LIST_SIZE });
      for (const { key, value } of entries) sizes.set(String(key.at(-1)), unpacked(value));
      const last = entries.at(-1);
      if (last === undefined || entries.length < LIST_SIZE) return sizes;
      start = [...prefix, `${String(last.key.at(-1))}\0`];
    }
  }

  /** Removes the size of an owner that has no messages. */
  async forget(owner: Topic): Promise<void> {
    const kind = kindOf(owner);
    // Read before the messages: if one is appended meanwhile, the size changes, and the commit fails.
    const entry = await this.#database.get<Deno.KvU64>(sizeKey(kind, owner));
    const messages = await this.#database.list<true>(filed(owner), { limit: 1 });
    if (entry.value === null || messages.length > 0) return;
    const size = unpacked(entry.value);
    await this.#database.commit((operation) => {
      operation.check(entry).delete(entry.key);
      writeTotal(operation, kind, size, -1n);
    });
  }
}

/** All ids of a topic. */
export function filed(topic: string): Deno.KvListSelector {
  return { start: topicKey(topic, 0), end: topicKey(topic, MAX_ID) };
}

/** Deno KV adds modulo 2^64: adding this subtracts. */
export function negative(value: number): bigint {
  return BigInt.asUintN(64, -BigInt(value));
}

const EMPTY: Size = { messages: 0, bytes: 0 };

function sum(one: Size, other: Size): Size {
  return { messages: one.messages + other.messages, bytes: one.bytes + other.bytes };
}

function writeTotal(
  operation: Deno.AtomicOperation,
  kind: Kind,
  { messages, bytes }: Size,
  sign: 1n | -1n,
): void {
  if (messages === 0 && bytes === 0) return;
  operation.sum(totalKey(kind, "messages"), BigInt.asUintN(64, sign * BigInt(messages)));
  operation.sum(totalKey(kind, "bytes"), BigInt.asUintN(64, sign * BigInt(bytes)));
}

function packed({ messages, bytes }: Size): bigint {
  return (BigInt(messages) << MESSAGES_BIT) + BigInt(bytes);
}

function unpacked({ value }: Deno.KvU64): Size {
  const messages = Number(BigInt.asIntN(64, value) >> MESSAGES_BIT);
  return { messages, bytes: Number(value & BYTES_MASK) };
}

/** Nodes of an earlier version add messages without counting them, so a sum may be below 0. */
function signed(value: Deno.KvU64 | null | undefined): number {
  return Number(BigInt.asIntN(64, value?.value ?? 0n));
}
