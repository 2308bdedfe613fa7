import type { Message } from "../../comet/halley.ts";

/** What comes in a rush is shown together, so often. */
const INTERVAL = 50;

/** Gathers what comes in a rush; what comes alone is passed on at once. */
export class MessageBatcher implements Disposable {
  readonly #onMessages: (messages: readonly Message[]) => void;
  #gathered: Message[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsked = false;

  constructor(onMessages: (messages: readonly Message[]) => void) {
    this.#onMessages = onMessages;
  }

  add(message: Message): void {
    this.#gathered.push(message);
    if (this.#isAsked || this.#timer !== undefined) return;
    this.#isAsked = true;
    // All that one reply brings comes in one turn.
    queueMicrotask(() => {
      this.#isAsked = false;
      this.flush();
    });
  }

  /** Passes on what was gathered. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#gathered.length === 0) return;
    const messages = this.#gathered;
    this.#gathered = [];
    this.#timer = setTimeout(() => this.flush(), INTERVAL);
    this.#onMessages(messages);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
