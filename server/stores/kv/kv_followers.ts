import { Listeners } from "../../base/listeners.ts";
import type { Entry } from "../../core/model/message.ts";
import type { KvDatabase } from "./kv_database.ts";
import { readEntries } from "./kv_entries.ts";
import { MAX_ID, messageKey } from "./kv_keys.ts";

/** Number of messages read at once; each can have 64 KiB. */
const BATCH_SIZE = 100;

/**
 * Delivers every message of the log to the followers in this process, whichever node appended it, in order and once.
 * Messages that this process appends come from `KvAppender`; the others are read when `KvWatch` sees the log's head move.
 */
export class KvFollowers {
  readonly #database: KvDatabase;
  readonly #followers = new Listeners<readonly Entry[]>();
  /** All followers have received the messages up to this id. */
  #deliveredUpTo: number;
  /** The end of the queue of deliveries: one runs at a time, so that no message overtakes an earlier one. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(database: KvDatabase, newestId: number) {
    this.#database = database;
    this.#deliveredUpTo = newestId;
  }

  /** See `MessageLog.follow`. */
  follow(after: number, onAppended: (messages: readonly Entry[]) => void): Promise<Disposable> {
    return this.#enqueue(async () => {
      await this.#catchUp();
      for await (const messages of this.#read(after, this.#deliveredUpTo)) onAppended(messages);
      return this.#followers.add(onAppended);
    });
  }

  /** Delivers messages that this process has appended, after the ones before them. */
  deliver(messages: readonly Entry[]): Promise<void> {
    return this.#enqueue(async () => {
      const first = messages[0]?.id ?? 0;
      if (first > this.#deliveredUpTo + 1) await this.#catchUp(first - 1);
      this.#emit(messages.filter(({ id }) => id > this.#deliveredUpTo));
    });
  }

  /** Reads and delivers new messages, if `newestId` shows that there are any. */
  refresh(newestId: number): Promise<void> {
    return this.#enqueue(async () => {
      if (newestId > this.#deliveredUpTo) await this.#catchUp();
    });
  }

  async #catchUp(upTo = MAX_ID): Promise<void> {
    for await (const messages of this.#read(this.#deliveredUpTo, upTo)) this.#emit(messages);
  }

  #emit(messages: readonly Entry[]): void {
    const last = messages.at(-1);
    if (last === undefined) return;
    this.#deliveredUpTo = last.id;
    this.#followers.emit(messages);
  }

  async *#read(after: number, upTo: number): AsyncGenerator<readonly Entry[]> {
    for (let last = after; last < upTo;) {
      const selector = { start: messageKey(last + 1), end: messageKey(upTo + 1) };
      const entries = await this.#database.list<Uint8Array>(selector, { limit: BATCH_SIZE });
      if (entries.length === 0) return;
      const messages = await readEntries(this.#database, entries.map(({ value }) => value));
      yield messages;
      last = messages.at(-1)?.id ?? upTo;
      if (entries.length < BATCH_SIZE) return;
    }
  }

  #enqueue<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => {});
    return result;
  }
}
