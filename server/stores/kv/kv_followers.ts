import { Listeners } from "../../base/listeners.ts";
import { decode } from "../../core/model/message.ts";
import { type Message } from "../../protocol/message.ts";
import type { KvDatabase } from "./kv_database.ts";
import { MAX_ID, messageKey } from "./kv_keys.ts";

/** So many messages are read at once: of 64 KiB each, if it comes to that. */
const PAGE = 100;

const utf8 = new TextDecoder();

/** A message as it lies in the database. */
export function messageFrom(bytes: Uint8Array): Message {
  return decode(utf8.decode(bytes));
}

/** Tells this process of every message, whichever node appended it, in order and once. */
export class KvFollowers {
  readonly #database: KvDatabase;
  readonly #followers = new Listeners<readonly Message[]>();
  /** All followers have every message up to this id. */
  #place: number;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(database: KvDatabase, newest: number) {
    this.#database = database;
    this.#place = newest;
  }

  /** As `MessageLog.follow`. */
  follow(after: number, onAppended: (messages: readonly Message[]) => void): Promise<Disposable> {
    return this.#inTurn(async () => {
      await this.#readOn();
      for await (const messages of this.#pages(after, this.#place)) onAppended(messages);
      return this.#followers.add(onAppended);
    });
  }

  /** Tells of messages that this process has appended, after what came before them. */
  deliver(messages: readonly Message[]): Promise<void> {
    return this.#inTurn(async () => {
      const first = messages[0]?.id ?? 0;
      if (first > this.#place + 1) await this.#readOn(first - 1);
      this.#deliver(messages.filter(({ id }) => id > this.#place));
    });
  }

  /** The newest message is said to be this one: reads what has not been told of. */
  refresh(newest: number): Promise<void> {
    return this.#inTurn(async () => {
      if (newest > this.#place) await this.#readOn();
    });
  }

  async #readOn(upTo = MAX_ID): Promise<void> {
    for await (const messages of this.#pages(this.#place, upTo)) this.#deliver(messages);
  }

  #deliver(messages: readonly Message[]): void {
    const last = messages.at(-1);
    if (last === undefined) return;
    this.#place = last.id;
    this.#followers.emit(messages);
  }

  async *#pages(after: number, upTo: number): AsyncGenerator<readonly Message[]> {
    for (let place = after; place < upTo;) {
      const selector = { start: messageKey(place + 1), end: messageKey(upTo + 1) };
      const entries = await this.#database.list<Uint8Array>(selector, { limit: PAGE });
      if (entries.length === 0) return;
      const messages = entries.map(({ value }) => messageFrom(value));
      yield messages;
      place = messages.at(-1)?.id ?? upTo;
      if (entries.length < PAGE) return;
    }
  }

  /** One after the other: nobody is told of a message before those that come before it. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}
