import { signal } from "@preact/signals";
import { type CometClient, HalleyError, type Message, randomKey } from "../../comet/halley.ts";

/** A message of one's own that is not known to be sent. */
export interface PendingMessage {
  readonly key: string;
  readonly text: string;
  /** Since when. */
  readonly at: number;
  /** `arrived`: a poll was quicker than the answer; it is shown as a message already. */
  readonly state: "waiting" | "arrived" | "failed";
  /** Why it failed. */
  readonly problem?: HalleyError;
}

/** Sends the messages of one conversation, one after the other and each once. */
export class Outbox {
  readonly pending = signal<readonly PendingMessage[]>([]);
  readonly #channel: string;
  readonly #client: CometClient;
  readonly #onSent: (message: Message) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(
    channel: string,
    { client, onSent }: { readonly client: CometClient; readonly onSent: (m: Message) => void },
  ) {
    this.#channel = channel;
    this.#client = client;
    this.#onSent = onSent;
  }

  send(text: string): void {
    const message: PendingMessage = { key: randomKey(), text, at: Date.now(), state: "waiting" };
    this.pending.value = [...this.pending.value, message];
    this.#enqueue(message);
  }

  /** Tries once more what had failed; with the same key, so that it counts once even so. */
  retry(message: PendingMessage): void {
    this.#enqueue(this.#change(message.key, { ...message, state: "waiting" }));
  }

  discard({ key }: PendingMessage): void {
    this.pending.value = this.pending.value.filter((pending) => pending.key !== key);
  }

  /** Hides the oldest one that waits and says the same as that message of one's own, which has come by a poll. */
  noteArrival({ text }: Message): void {
    const arrived = this.pending.value.find((pending) =>
      pending.state === "waiting" && pending.text === text
    );
    if (arrived) this.#change(arrived.key, { ...arrived, state: "arrived" });
  }

  #enqueue(message: PendingMessage): void {
    this.#last = this.#last.then(() => this.#deliver(message));
  }

  async #deliver(message: PendingMessage): Promise<void> {
    const { key, text } = message;
    try {
      this.#onSent(await this.#client.send({ channel: this.#channel, text, key }));
      this.discard(message);
    } catch (error) {
      const problem = error instanceof HalleyError ? { problem: error } : {};
      this.#change(key, { ...message, state: "failed", ...problem });
    }
  }

  #change(key: string, changed: PendingMessage): PendingMessage {
    this.pending.value = this.pending.value.map((pending) =>
      pending.key === key ? changed : pending
    );
    return changed;
  }
}
