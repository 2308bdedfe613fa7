import type { Message } from "../../core/message.ts";
import { ignoreUnavailable } from "../../core/refusal.ts";

/** Told of new messages, in order. */
export type OnAppended = (messages: readonly Message[]) => void;

/** A part of the log: the messages after one id and up to another. */
export interface Stretch {
  readonly messages: readonly Message[];
  readonly upTo: number;
}

/** Gives the next part after an id, at once where it is in memory; `upTo` is that id where nothing follows. */
type ReadAfter = (id: number) => Stretch | Promise<Stretch>;

/** After a failure to read the past, it is tried again so much later (ms). */
const RETRY = 1_000;

/** Those who follow a log: each from its own place, through the past to the present. */
export class LogFollowers implements Disposable {
  readonly #readAfter: ReadAfter;
  readonly #present = new Set<OnAppended>();
  readonly #waiting = new Set<ReturnType<typeof setTimeout>>();
  #hasEnded = false;

  constructor(readAfter: ReadAfter) {
    this.#readAfter = readAfter;
  }

  /** Tells those who have arrived in the present. */
  tell(messages: readonly Message[]): void {
    for (const onAppended of [...this.#present]) onAppended(messages);
  }

  add(after: number, onAppended: OnAppended): Disposable {
    const follower = new AbortController();
    follower.signal.addEventListener("abort", () => this.#present.delete(onAppended));
    this.#advance(after, onAppended, follower.signal);
    return { [Symbol.dispose]: () => follower.abort() };
  }

  [Symbol.dispose](): void {
    this.#hasEnded = true;
    this.#present.clear();
    for (const timer of this.#waiting) clearTimeout(timer);
  }

  /** Tells the past. Where it is in memory, that needs no turn of the event loop. */
  #advance(after: number, onAppended: OnAppended, signal: AbortSignal): void {
    let place = after;
    while (!signal.aborted && !this.#hasEnded) {
      const next = this.#readAfter(place);
      if (next instanceof Promise) {
        this.#advanceLater(place, next, { onAppended, signal });
        return;
      }
      if (next.upTo <= place) {
        this.#present.add(onAppended);
        return;
      }
      if (next.messages.length > 0) onAppended(next.messages);
      place = next.upTo;
    }
  }

  async #advanceLater(
    place: number,
    reading: Promise<Stretch>,
    { onAppended, signal }: { onAppended: OnAppended; signal: AbortSignal },
  ): Promise<void> {
    try {
      const { messages, upTo } = await reading;
      if (signal.aborted || this.#hasEnded) return;
      if (messages.length > 0) onAppended(messages);
      this.#advance(upTo, onAppended, signal);
    } catch (error) {
      // Out of reach: the past does not run away.
      ignoreUnavailable(error);
      const timer = setTimeout(() => {
        this.#waiting.delete(timer);
        this.#advance(place, onAppended, signal);
      }, RETRY);
      this.#waiting.add(timer);
    }
  }
}
