import { type Topic, topicsOf } from "../../core/model/topics.ts";
import type { Draft } from "../../core/model/message.ts";
import type { Message } from "../../protocol/message.ts";
import type { Appended, MessageLog, Page, Retention } from "../../core/model/store.ts";
import { KvAppender } from "./kv_appender.ts";
import type { KvDatabase } from "./kv_database.ts";
import { type KvFollowers, messageFrom } from "./kv_followers.ts";
import { HEAD, MAX_ID, messageKey, topicKey, TRIMMED } from "./kv_keys.ts";

/** So many messages are removed in one step of trimming: each may need four mutations. */
const STEP = 100;

/** So many topics are looked through at once. */
const TOPICS_AT_ONCE = 32;

/** What a log is made from. */
export interface KvLogDeps {
  readonly database: KvDatabase;
  readonly followers: KvFollowers;
  readonly epoch: string;
  readonly retention: Retention;
}

/** The log in a Deno KV database. Ids are dense. */
export class KvLog implements MessageLog {
  readonly epoch: string;
  readonly #database: KvDatabase;
  readonly #followers: KvFollowers;
  readonly #appender: KvAppender;
  readonly #retention: Retention;

  constructor({ database, followers, epoch, retention }: KvLogDeps) {
    this.epoch = epoch;
    this.#database = database;
    this.#followers = followers;
    this.#retention = retention;
    this.#appender = new KvAppender(database, followers, retention.keyAgeMs);
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#appender.append(drafts);
  }

  async read(topics: readonly Topic[], after: number, limit: number): Promise<Page> {
    const ids = new Set<number>();
    for (let start = 0; start < topics.length; start += TOPICS_AT_ONCE) {
      const some = topics.slice(start, start + TOPICS_AT_ONCE);
      const found = await Promise.all(some.map((topic) => this.#filed(topic, after, limit + 1)));
      for (const id of found.flat()) ids.add(id);
    }
    const sorted = [...ids].sort((one, other) => one - other);
    const messages = await this.#messages(sorted.slice(0, limit));
    // Asked last: what was trimmed in the meantime is told of.
    return { messages, hasMore: ids.size > limit, trimmedUpTo: await this.#trimmed() };
  }

  async history(topic: Topic, before: number | undefined, limit: number) {
    const selector = { start: topicKey(topic, 0), end: topicKey(topic, before ?? MAX_ID) };
    const filed = await this.#database.list<true>(selector, { limit, reverse: true });
    return await this.#messages(filed.map(idOf));
  }

  async get(id: number): Promise<Message | undefined> {
    const [message] = await this.#messages([id]);
    return message;
  }

  async newestId(): Promise<number> {
    return (await this.#database.get<number>(HEAD)).value ?? 0;
  }

  follow(after: number, onAppended: (messages: readonly Message[]) => void): Promise<Disposable> {
    return this.#followers.follow(after, onAppended);
  }

  async trim(now: number): Promise<boolean> {
    const [head, trimmed] = await this.#database.getMany<number>([HEAD, TRIMMED]);
    if (head === undefined || trimmed === undefined) return false;
    const after = trimmed.value ?? 0;
    const surplus = (head.value ?? 0) - this.#retention.maxMessages;
    const [next] = await this.#after(after, 1);
    if (next === undefined || !this.#isOver(next, surplus, now)) return false;
    const old = (await this.#after(after, STEP)).filter((message) =>
      this.#isOver(message, surplus, now)
    );
    const last = old.at(-1)?.id ?? after;
    const isDone = await this.#database.commit((operation) => {
      // Another node that trims at the same time is faster, or we are.
      operation.check(trimmed).set(TRIMMED, last);
      for (const { id, channel } of old) {
        operation.delete(messageKey(id));
        for (const topic of topicsOf(channel)) operation.delete(topicKey(topic, id));
      }
    });
    return isDone !== undefined && old.length === STEP;
  }

  /** Resolves when nothing waits to be appended. */
  finish(): Promise<void> {
    return this.#appender.finish();
  }

  #isOver({ id, at }: Message, surplus: number, now: number): boolean {
    return id <= surplus || at < now - this.#retention.maxAgeMs;
  }

  async #after(after: number, limit: number): Promise<Message[]> {
    const selector = { start: messageKey(after + 1), end: messageKey(MAX_ID) };
    const entries = await this.#database.list<Uint8Array>(selector, { limit });
    return entries.map(({ value }) => messageFrom(value));
  }

  async #filed(topic: Topic, after: number, limit: number): Promise<number[]> {
    const selector = { start: topicKey(topic, after + 1), end: topicKey(topic, MAX_ID) };
    return (await this.#database.list<true>(selector, { limit })).map(idOf);
  }

  async #messages(ids: readonly number[]): Promise<Message[]> {
    const entries = await this.#database.getMany<Uint8Array>(ids.map(messageKey));
    return entries.flatMap(({ value }) => value === null ? [] : [messageFrom(value)]);
  }

  async #trimmed(): Promise<number> {
    return (await this.#database.get<number>(TRIMMED)).value ?? 0;
  }
}

function idOf({ key }: Deno.KvEntry<unknown>): number {
  return Number(key.at(-1));
}
