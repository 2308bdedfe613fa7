import type { Message } from "../../comet/halley.ts";

/** Minimum time in ms between two batches. */
const INTERVAL = 50;

/** Groups messages that arrive in a burst, so that the page renders them together. A single message is not delayed. */
export class MessageBatcher implements Disposable {
  readonly #onBatch: (messages: readonly Message[]) => void;
  #batch: Message[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isFlushQueued = false;

  constructor(onBatch: (messages: readonly Message[]) => void) {
    this.#onBatch = onBatch;
  }

  add(message: Message): void {
    this.#batch.push(message);
    if (this.#isFlushQueued || this.#timer !== undefined) return;
    this.#isFlushQueued = true;
    // The client emits all messages of one poll in the same task.
    queueMicrotask(() => {
      this.#isFlushQueued = false;
      this.flush();
    });
  }

  /** Emits the messages that are waiting. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#batch.length === 0) return;
    const messages = this.#batch;
    this.#batch = [];
    this.#timer = setTimeout(() => this.flush(), INTERVAL);
    this.#onBatch(messages);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
