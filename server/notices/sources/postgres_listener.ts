import { PostgresClient } from "./postgres_client.ts";

/** A quiet connection is asked so often (ms) whether it is still there. */
const CHECK = 30_000;

/** Hears what is notified on a channel of a PostgreSQL, as long as somebody sees to it with `keep`. */
export class PostgresListener implements AsyncDisposable {
  readonly #connect: () => PostgresClient;
  readonly #channel: string;
  readonly #onNews: () => void;
  #client: PostgresClient | undefined;
  #checked = 0;

  /** `onNews` is called for each notification, and whenever some may have been missed. */
  constructor(
    { url, channel, timeLimit, onNews }: {
      readonly url: string;
      readonly channel: string;
      readonly timeLimit: number;
      readonly onNews: () => void;
    },
  ) {
    this.#channel = channel;
    this.#onNews = onNews;
    this.#connect = () => {
      const client: PostgresClient = new PostgresClient(url, {
        timeLimit,
        onNotify: onNews,
        onClose: () => void this.#lose(client),
      });
      return client;
    };
  }

  /** Listens, or sees whether it still does. */
  async keep(): Promise<void> {
    const client = this.#client ??= this.#connect();
    const isNew = this.#checked === 0;
    if (!isNew && performance.now() < this.#checked + CHECK) return;
    try {
      // To listen again changes nothing, but tells whether anybody is there.
      await client.run(`LISTEN "${this.#channel}"`);
    } catch (error) {
      await this.#lose(client);
      throw error;
    }
    if (client !== this.#client) return;
    this.#checked = performance.now();
    if (isNew) this.#onNews();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.[Symbol.asyncDispose]();
  }

  async #lose(client: PostgresClient): Promise<void> {
    if (client !== this.#client) return;
    const wasListening = this.#checked > 0;
    this.#client = undefined;
    this.#checked = 0;
    await client[Symbol.asyncDispose]();
    if (wasListening) this.#onNews();
  }
}
