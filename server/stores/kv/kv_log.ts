import type { Draft, Entry, Topic } from "../../core/model/message.ts";
import type { Appended, MessageLog, Page } from "../../core/model/store.ts";
import { DraftDigests } from "../digests.ts";
import { KvAppender } from "./kv_appender.ts";
import type { KvDatabase } from "./kv_database.ts";
import { readEntries } from "./kv_entries.ts";
import type { KvFollowers } from "./kv_followers.ts";
import { HEAD, MAX_ID, messageKey, topicKey } from "./kv_keys.ts";
import { KvSentKeys } from "./kv_sent_keys.ts";
import type { KvTrimmer } from "./kv_trimmer.ts";

/** Number of topics that are searched concurrently. */
const CONCURRENT_TOPICS = 32;

/** What a {@linkcode KvLog} is constructed from. */
export interface KvLogDeps {
  readonly database: KvDatabase;
  readonly followers: KvFollowers;
  readonly epoch: string;
  readonly trimmer: KvTrimmer;
  readonly keyAgeMs: number;
  /** See `SessionStore`. */
  readonly salt: string;
}

/** The log in a Deno KV database. Ids are consecutive. */
export class KvLog implements MessageLog {
  readonly epoch: string;
  readonly #database: KvDatabase;
  readonly #followers: KvFollowers;
  readonly #appender: KvAppender;
  readonly #trimmer: KvTrimmer;
  readonly #keys: KvSentKeys;

  constructor({ database, followers, epoch, trimmer, keyAgeMs, salt }: KvLogDeps) {
    this.epoch = epoch;
    this.#database = database;
    this.#followers = followers;
    this.#trimmer = trimmer;
    this.#keys = new KvSentKeys(database, { digests: new DraftDigests(salt), keyAgeMs });
    this.#appender = new KvAppender(database, followers, this.#keys);
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#appender.append(drafts);
  }

  async read(topics: readonly Topic[], after: number, limit: number): Promise<Page> {
    const ids = new Set<number>();
    for (let start = 0; start < topics.length; start += CONCURRENT_TOPICS) {
      const batch = topics.slice(start, start + CONCURRENT_TOPICS);
      const found = await Promise.all(
        batch.map((topic) => this.#idsAfter(topic, after, limit + 1)),
      );
      for (const id of found.flat()) ids.add(id);
    }
    const sorted = [...ids].sort((one, other) => one - other);
    const messages = await this.#messages(sorted.slice(0, limit));
    // Read last, so that a trim during the reads above shows in the result.
    return {
      messages,
      hasMore: ids.size > limit,
      trimmedUpTo: await this.#trimmer.trimmedUpTo(topics),
    };
  }

  async scan(after: number, limit: number): Promise<readonly Entry[]> {
    const selector = { start: messageKey(after + 1), end: messageKey(MAX_ID) };
    const entries = await this.#database.list<Uint8Array>(selector, { limit });
    return await readEntries(this.#database, entries.map(({ value }) => value));
  }

  async history(topic: Topic, before: number | undefined, limit: number) {
    const selector = { start: topicKey(topic, 0), end: topicKey(topic, before ?? MAX_ID) };
    const entries = await this.#database.list<true>(selector, { limit, reverse: true });
    return await this.#messages(entries.map(idOf));
  }

  async get(id: number): Promise<Entry | undefined> {
    const [message] = await this.#messages([id]);
    return message;
  }

  async newestId(): Promise<number> {
    return (await this.#database.get<number>(HEAD)).value ?? 0;
  }

  follow(after: number, onAppended: (messages: readonly Entry[]) => void): Promise<Disposable> {
    return this.#followers.follow(after, onAppended);
  }

  async trim(now: number, ids: readonly number[] = []): Promise<boolean> {
    if (ids.length > 0) await this.#trimmer.remove(ids);
    const isMore = await this.#keys.forget(now);
    return await this.#trimmer.trim(now) || isMore;
  }

  /** Resolves when all appends in progress have ended. */
  finish(): Promise<void> {
    return this.#appender.finish();
  }

  async #idsAfter(topic: Topic, after: number, limit: number): Promise<number[]> {
    const selector = { start: topicKey(topic, after + 1), end: topicKey(topic, MAX_ID) };
    return (await this.#database.list<true>(selector, { limit })).map(idOf);
  }

  async #messages(ids: readonly number[]): Promise<Entry[]> {
    const entries = await this.#database.getMany<Uint8Array>(ids.map(messageKey));
    return await readEntries(this.#database, entries.map(({ value }) => value));
  }
}

function idOf({ key }: Deno.KvEntry<unknown>): number {
  return Number(key.at(-1));
}
