import {
  boundsOf,
  countSentBefore,
  excessOf,
  MAX_MARKS,
  type OwnerSize,
  shareOut,
  type Size,
} from "../../core/log/fair_trim.ts";
import {
  encode,
  type Entry,
  indexKeysOf,
  type Kind,
  kindOf,
  KINDS,
  type Topic,
  topicsOf,
} from "../../core/model/message.ts";
import type { Retention } from "../../core/model/store.ts";
import type { KvDatabase } from "./kv_database.ts";
import { decodeEntry } from "./kv_entries.ts";
import {
  MARK_COUNT,
  markIdKey,
  markKey,
  MARKS_BY_ID,
  MAX_ID,
  messageKey,
  topicKey,
  TRIMMED,
} from "./kv_keys.ts";
import { filed, KvSizes, negative, SizeChange } from "./kv_sizes.ts";

/** Maximum number of messages that are removed at once; each can need 24 of the 1,000 mutations of a commit. */
const TRIM_BATCH = 40;

/** Maximum number of marks that are forgotten at once. */
const MARK_BATCH = 300;

/** Number of the largest owners whose oldest messages are compared by age. */
const COMPARED = 2 * TRIM_BATCH;

/**
 * Removes the messages of a log in a Deno KV database that exceed its retention, and keeps the trimmed mark of each topic.
 * Any number of nodes can trim at the same time: only one of them succeeds.
 */
export class KvTrimmer {
  readonly #database: KvDatabase;
  readonly #retention: Retention;
  readonly #sizes: KvSizes;
  /** The sizes of the owners, while a sweep removes batch after batch. */
  readonly #owners = new Map<Kind, Map<Topic, Size>>();
  /**
   * The total that these sizes belong to, less what was removed since. What is appended during a sweep waits for the next
   * one: these sizes do not have it, so that others would pay for one that floods.
   */
  readonly #totals = new Map<Kind, Size>();

  constructor(database: KvDatabase, retention: Retention) {
    this.#database = database;
    this.#retention = retention;
    this.#sizes = new KvSizes(database);
  }

  /** See `KvSizes.prepare`. */
  prepare(): Promise<void> {
    return this.#sizes.prepare();
  }

  /** The highest id up to which any of `topics` is trimmed. */
  async trimmedUpTo(topics: readonly Topic[]): Promise<number> {
    const marks = await this.#database.getMany<number>([TRIMMED, ...topics.map(markKey)]);
    return marks.reduce((highest, { value }) => Math.max(highest, value ?? 0), 0);
  }

  /** Removes a batch of messages; returns whether there may be more to remove. */
  async trim(now: number): Promise<boolean> {
    if (await this.#sizes.countMore()) return true;
    const trimmed = await this.#database.get<number>(TRIMMED);
    const batch = await this.#expired(now, trimmed.value ?? 0);
    for (const kind of KINDS) {
      if (batch.length === 0) batch.push(...await this.#surplus(kind));
    }
    const isDone = batch.length === 0 || !await this.#remove(batch, trimmed);
    if (isDone) {
      this.#owners.clear();
      this.#totals.clear();
    }
    return !isDone;
  }

  /** Removes at most 40 messages. */
  async remove(ids: readonly number[]): Promise<void> {
    await this.#database.retry(async () => {
      const trimmed = await this.#database.get<number>(TRIMMED);
      const entries = await this.#database.getMany<Uint8Array>(ids.map(messageKey));
      const left = entries.flatMap(({ value }) => value === null ? [] : [decodeEntry(value)]);
      return left.length === 0 || await this.#remove(left, trimmed) || undefined;
    });
  }

  async #expired(now: number, floor: number): Promise<Entry[]> {
    const time = now - this.#retention.maxAgeMs;
    const oldest = await this.#messagesAfter(floor, 1);
    if (time <= 0 || oldest.some(({ at }) => at >= time && at <= now)) return [];
    const messages = await this.#messagesAfter(floor, TRIM_BATCH);
    const times = messages.map(({ at }) => at);
    return messages.slice(0, countSentBefore(time, { times, now }));
  }

  /** The next messages of a kind to remove, because it exceeds its bounds. */
  async #surplus(kind: Kind): Promise<readonly Entry[]> {
    const bounds = boundsOf(this.#retention, kind);
    const total = await this.#sizes.totalOf(kind);
    const known = this.#totals.get(kind) ?? total;
    this.#totals.set(kind, known);
    const excess = excessOf(smaller(total, known), bounds);
    if (excess === undefined) return [];
    const { unit } = excess;
    const amount = unit === "messages" ? Math.min(excess.amount, TRIM_BATCH) : excess.amount;
    const surplus: Entry[] = [];
    for (const cut of shareOut(await this.#largest(kind, unit), { unit, amount }, TRIM_BATCH)) {
      let missing = cut.amount;
      for (const message of await this.#oldestOf(cut.owner, TRIM_BATCH - surplus.length)) {
        surplus.push(message);
        missing -= unit === "messages" ? 1 : encode(message).bytes;
        if (missing <= 0) break;
      }
    }
    return surplus;
  }

  /** The largest owners of a kind; of those of the same size, first the one with the oldest message. */
  async #largest(kind: Kind, unit: keyof Size): Promise<readonly OwnerSize[]> {
    let sizes = this.#owners.get(kind);
    if (sizes === undefined) {
      sizes = await this.#sizes.ownersOf(kind);
      this.#owners.set(kind, sizes);
    }
    const largest = [...sizes]
      .map(([owner, size]) => ({ owner, ...size, order: this.#database.runtime.random() }))
      .sort((one, other) => other[unit] - one[unit] || one.order - other.order)
      .slice(0, COMPARED);
    const withOldest = await Promise.all(largest.map(async (size) => {
      const [first] = await this.#database.list<true>(filed(size.owner), { limit: 1 });
      if (first === undefined) await this.#sizes.forget(size.owner);
      return { ...size, oldest: first && Number(first.key.at(-1)) };
    }));
    return withOldest
      .flatMap(({ oldest, ...size }) => oldest === undefined ? [] : [{ ...size, oldest }])
      .sort((one, other) => other[unit] - one[unit] || one.oldest - other.oldest);
  }

  /** Removes messages and moves the marks of their topics; returns whether that succeeded. */
  async #remove(
    messages: readonly Entry[],
    trimmed: Deno.KvEntryMaybe<number>,
  ): Promise<boolean> {
    const change = new SizeChange();
    const highest = new Map<Topic, number>();
    for (const message of messages) {
      change.add(message);
      for (const topic of topicsOf(message.channel)) {
        highest.set(topic, Math.max(message.id, highest.get(topic) ?? 0));
      }
    }
    const topics = [...highest.keys()];
    const marks = await this.#database.getMany<number>(topics.map(markKey));
    const committed = await this.#database.commit((operation) => {
      // Each trim changes the version of this entry: if another node trims at the same time, only one succeeds.
      operation.check(trimmed).set(TRIMMED, trimmed.value ?? 0);
      for (const message of messages) {
        operation.delete(messageKey(message.id));
        for (const key of indexKeysOf(message)) operation.delete(topicKey(key, message.id));
      }
      change.write(operation, -1n);
      let added = 0n;
      for (const [n, [topic, id]] of [...highest].entries()) {
        const before = marks[n]?.value ?? undefined;
        if (before === undefined) added++;
        else if (before >= id) continue;
        else operation.delete(markIdKey(before, topic));
        operation.set(markKey(topic), id).set(markIdKey(id, topic), true);
      }
      if (added > 0n) operation.sum(MARK_COUNT, added);
    });
    if (committed === undefined) return false;
    await this.#afterRemoving(change);
    return true;
  }

  async #afterRemoving(change: SizeChange): Promise<void> {
    for (const [owner, removed] of change.owners) {
      const kind = kindOf(owner);
      const total = this.#totals.get(kind);
      if (total !== undefined) {
        const { messages, bytes } = total;
        this.#totals.set(kind, {
          messages: messages - removed.messages,
          bytes: bytes - removed.bytes,
        });
      }
      const sizes = this.#owners.get(kind);
      const size = sizes?.get(owner);
      if (sizes === undefined || size === undefined) continue;
      const messages = size.messages - removed.messages;
      if (messages > 0) sizes.set(owner, { messages, bytes: size.bytes - removed.bytes });
      else {
        sizes.delete(owner);
        await this.#sizes.forget(owner);
      }
    }
    await this.#forgetMarks();
  }

  /** Forgets a batch of the oldest marks beyond the maximum number. */
  async #forgetMarks(): Promise<void> {
    const [count, trimmed] = await Promise.all([
      this.#database.get<Deno.KvU64>(MARK_COUNT),
      this.#database.get<number>(TRIMMED),
    ]);
    const surplus = Number(count.value?.value ?? 0n) - MAX_MARKS;
    if (surplus <= 0) return;
    const limit = Math.min(surplus, MARK_BATCH);
    const oldest = await this.#database.list<true>({ prefix: MARKS_BY_ID }, { limit });
    await this.#database.commit((operation) => {
      const forgotten = Math.max(
        trimmed.value ?? 0,
        ...oldest.map(({ key }) => Number(key.at(-2))),
      );
      operation.check(trimmed).set(TRIMMED, forgotten).sum(MARK_COUNT, negative(oldest.length));
      for (const { key } of oldest) operation.delete(key).delete(markKey(String(key.at(-1))));
    });
  }

  async #messagesAfter(after: number, limit: number): Promise<Entry[]> {
    const selector = { start: messageKey(after + 1), end: messageKey(MAX_ID) };
    const entries = await this.#database.list<Uint8Array>(selector, { limit });
    return entries.map(({ value }) => decodeEntry(value));
  }

  async #oldestOf(owner: Topic, limit: number): Promise<Entry[]> {
    const ids = await this.#database.list<true>(filed(owner), { limit });
    const keys = ids.map(({ key }) => messageKey(Number(key.at(-1))));
    const entries = await this.#database.getMany<Uint8Array>(keys);
    // Nodes of an earlier version remove messages without what they are stored under here.
    const missing = ids.filter((_, n) => entries[n]?.value === null);
    if (missing.length > 0) {
      await this.#database.commit((operation) => {
        for (const { key } of missing) operation.delete(key);
      });
    }
    return entries.flatMap(({ value }) => value === null ? [] : [decodeEntry(value)]);
  }
}

/** Another node can have removed messages meanwhile, and this or another one can have appended some. */
function smaller(one: Size, other: Size): Size {
  return {
    messages: Math.min(one.messages, other.messages),
    bytes: Math.min(one.bytes, other.bytes),
  };
}
