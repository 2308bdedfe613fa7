import { decode, type Draft, type Entry, type Topic } from "../../core/model/message.ts";
import type { MessageSearch } from "../../core/model/message_search.ts";
import type { Appended, MessageLog, Page } from "../../core/model/store.ts";
import type { PortConnection } from "./port_connection.ts";

/** Number of messages read at once for a follower that starts in the past. */
const FOLLOW_BATCH = 500;

/** The log of a store in a thread, for another isolate. */
export class PortLog implements MessageLog {
  readonly epoch: string;
  readonly #connection: PortConnection;

  constructor(connection: PortConnection) {
    this.epoch = connection.opened.epoch;
    this.#connection = connection;
  }

  append(drafts: readonly Draft[]): Promise<readonly Appended[]> {
    return this.#connection.append(drafts);
  }

  async read(topics: readonly Topic[], after: number, limit: number): Promise<Page> {
    const page = await this.#connection.call({ name: "log.read", args: [topics, after, limit] });
    return { ...page, messages: page.messages.map(decode) };
  }

  async scan(after: number, limit: number): Promise<readonly Entry[]> {
    return (await this.#connection.call({ name: "log.scan", args: [after, limit] })).map(decode);
  }

  async history(topic: Topic, before: number | undefined, limit: number) {
    return (await this.#connection.call({ name: "log.history", args: [topic, before, limit] })).map(
      decode,
    );
  }

  readonly search: MessageSearch = {
    find: async (...args) => {
      const portion = await this.#connection.call({ name: "log.find", args });
      return { ...portion, messages: portion.messages.map(decode) };
    },
    state: () => this.#connection.call({ name: "log.searchState", args: [] }),
  };

  async get(id: number): Promise<Entry | undefined> {
    const json = await this.#connection.call({ name: "log.get", args: [id] });
    return json === undefined ? undefined : decode(json);
  }

  newestId(): Promise<number> {
    return this.#connection.call({ name: "log.newestId", args: [] });
  }

  follow(after: number, onAppended: (messages: readonly Entry[]) => void): Promise<Disposable> {
    const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
    const readAfter = (last: number) =>
      this.#connection.send({ name: "log.scan", args: [last, FOLLOW_BATCH] }, {
        // Runs before the next message of the thread is handled, so that no new message is missed.
        resolve: (page) => {
          try {
            const messages = page.map(decode);
            if (messages.length > 0) onAppended(messages);
            if (page.length === FOLLOW_BATCH) readAfter(messages.at(-1)?.id ?? last);
            else resolve(this.#connection.appended.add(onAppended));
          } catch (error) {
            reject(error);
          }
        },
        reject,
      });
    readAfter(after);
    return promise;
  }

  trim(now: number, ids?: readonly number[]): Promise<boolean> {
    return this.#connection.call({ name: "log.trim", args: [now, ids] });
  }
}
