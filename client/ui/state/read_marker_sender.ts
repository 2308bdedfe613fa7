import type { CometClient } from "../../comet/halley.ts";

/** Minimum time in ms between two requests for the same conversation. */
const SEND_INTERVAL = 1_000;

/**
 * Sends read markers to the server, which also opens the conversation there. Markers of one conversation are merged, so
 * that there is at most one request per second for each.
 */
export class ReadMarkerSender implements Disposable {
  readonly #client: CometClient;
  readonly #onSent: (channel: string) => void;
  /** Markers that the server has not confirmed, by channel; undefined only opens the conversation. */
  readonly #unsent = new Map<string, number | undefined>();
  /** Channels whose last request has failed: they wait for a new marker or for `retry`. */
  readonly #failed = new Set<string>();
  /** Channels whose loop is running. */
  readonly #running = new Set<string>();
  readonly #requests = new Map<string, Promise<boolean>>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isDisposed = false;

  /** `onSent` is called when the server has confirmed a marker. */
  constructor(client: CometClient, onSent: (channel: string) => void) {
    this.#client = client;
    this.#onSent = onSent;
  }

  /** Opens a conversation on the server, and marks it as read up to the message with the id `upTo`. */
  send(channel: string, upTo?: number): void {
    const markers = [upTo, this.#unsent.get(channel)].filter((marker) => marker !== undefined);
    this.#unsent.set(channel, markers.length > 0 ? Math.max(...markers) : undefined);
    this.#failed.delete(channel);
    this.#start(channel);
  }

  isSending(channel: string): boolean {
    return this.#requests.has(channel);
  }

  /** Drops the marker of a closed conversation. Resolves when the current request has ended. */
  async cancel(channel: string): Promise<void> {
    this.#unsent.delete(channel);
    await this.#requests.get(channel);
  }

  /** Sends the markers again whose requests have failed. Call it when the connection is back. */
  retry(): void {
    this.#failed.clear();
    for (const channel of this.#unsent.keys()) this.#start(channel);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Sends the markers of a channel until the server has confirmed the last one, or a request has failed. */
  async #start(channel: string): Promise<void> {
    if (this.#running.has(channel)) return;
    this.#running.add(channel);
    while (this.#unsent.has(channel) && !this.#failed.has(channel)) {
      const upTo = this.#unsent.get(channel);
      const request = this.#client.openConversation(channel, upTo).then(() => true, () => false);
      this.#requests.set(channel, request);
      const isSent = await request;
      this.#requests.delete(channel);
      if (this.#isDisposed) return;
      const isNewest = this.#unsent.get(channel) === upTo;
      if (isNewest && isSent) this.#unsent.delete(channel);
      if (isNewest && !isSent) this.#failed.add(channel);
      if (isSent) this.#onSent(channel);
      await this.#wait();
    }
    this.#running.delete(channel);
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, SEND_INTERVAL);
      this.#timers.add(timer);
    });
  }
}
