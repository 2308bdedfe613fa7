import { fromNow, hasPassed, LONG_AGO, type MonotonicTime } from "../../base/clock.ts";
import { PostgresClient } from "./postgres_client.ts";

/** How often to check that the connection still works. */
const CHECK_INTERVAL_MS = 30_000;

/** What a listener listens to. */
export interface PostgresListenerOptions {
  readonly url: string;
  readonly channel: string;
  readonly timeoutMs: number;
  /** Called for each notification, and whenever notifications may have been missed. */
  readonly onNotify: () => void;
}

/**
 * Listens for notifications on a channel, on a connection of its own. It has no timer: its owner calls `ensureListening`
 * regularly, which also connects again after the connection was lost.
 */
export class PostgresListener implements AsyncDisposable {
  readonly #options: PostgresListenerOptions;
  #client: PostgresClient | undefined;
  #isListening = false;
  #nextCheck: MonotonicTime = LONG_AGO;

  constructor(options: PostgresListenerOptions) {
    this.#options = options;
  }

  /** Starts to listen; if it is listening, checks the connection from time to time. */
  async ensureListening(): Promise<void> {
    const client = this.#client ??= this.#connect();
    if (this.#isListening && !hasPassed(this.#nextCheck)) return;
    try {
      // Listening again changes nothing, but fails if the connection is broken.
      await client.execute(`LISTEN "${this.#options.channel}"`);
    } catch (error) {
      await this.#drop(client);
      throw error;
    }
    if (client !== this.#client) return;
    this.#nextCheck = fromNow(CHECK_INTERVAL_MS);
    if (!this.#isListening) this.#options.onNotify();
    this.#isListening = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.[Symbol.asyncDispose]();
  }

  #connect(): PostgresClient {
    const { url, timeoutMs, onNotify } = this.#options;
    const client: PostgresClient = new PostgresClient(url, {
      timeoutMs,
      onNotify,
      onClose: () => void this.#drop(client),
    });
    return client;
  }

  async #drop(client: PostgresClient): Promise<void> {
    if (client !== this.#client) return;
    const wasListening = this.#isListening;
    this.#client = undefined;
    this.#isListening = false;
    await client[Symbol.asyncDispose]();
    if (wasListening) this.#options.onNotify();
  }
}
