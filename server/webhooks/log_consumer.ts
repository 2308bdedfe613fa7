import type { Message } from "../protocol/message.ts";
import type { KeyValue, MessageLog } from "../core/model/store.ts";
import { delay } from "../base/delay.ts";
import type { DeliveryQueue, Todo } from "./delivery_queue.ts";

/** What an intake is made from. */
export interface LogConsumerDeps {
  readonly log: MessageLog;
  readonly keyValue: KeyValue;
  readonly deliveryQueue: DeliveryQueue;
  /** What there is to do for a message. Each time the same. */
  readonly todosOf: (message: Message) => readonly Todo[];
  /** There is something in the deliveryQueue that was not there before. */
  readonly onAdded: () => void;
  readonly onError: (error: unknown) => void;
}

/** Under this name the keyValue has the id of the last message that was taken in. */
const NAME = "webhooks";

/** At most so many messages that came while there were no webhooks are taken in. */
const BEHIND = 10_000;

/** After so many messages their place is written down, even where there was nothing to do for them. */
const STRIDE = 1_000;

/** The store is asked again so long (ms) after it could not be written. */
const STORE_PAUSE = 2_000;

/**
 * Follows the log, and puts what there is to do for each message into the deliveryQueue, once: the place that was reached is
 * written in the same turn.
 */
export class LogConsumer implements AsyncDisposable {
  readonly #deps: LogConsumerDeps;
  readonly #end = new AbortController();
  #following: Disposable | undefined;
  #todos: Todo[] = [];
  /** The last message that was looked at, and the last of those whose tasks are in the deliveryQueue. */
  #reached: number;
  #noted: number;
  #isWriting = false;
  #written: Promise<void> | undefined;

  /** Goes on where the last intake of this store was; the first one begins with what is appended from now on. */
  static async open(deps: LogConsumerDeps): Promise<LogConsumer> {
    const newest = await deps.log.newestId();
    const noted = await deps.keyValue.get(NAME);
    if (noted === undefined) await deps.keyValue.set(NAME, String(newest));
    const place = Math.min(Math.max(Number(noted ?? newest), newest - BEHIND), newest);
    const intake = new LogConsumer(deps, place);
    intake.#following = await deps.log.follow(place, (messages) => intake.#take(messages));
    return intake;
  }

  private constructor(deps: LogConsumerDeps, place: number) {
    this.#deps = deps;
    this.#reached = this.#noted = place;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#following?.[Symbol.dispose]();
    this.#end.abort();
    await this.#written;
  }

  #take(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#todos.push(...this.#deps.todosOf(message));
      this.#reached = message.id;
    }
    if (!this.#isWriting) this.#written = this.#write();
  }

  #isDue(): boolean {
    return this.#todos.length > 0 || this.#reached - this.#noted >= STRIDE;
  }

  /** One write after the other: the place must not pass messages whose tasks could not be written. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#isDue() && !this.#end.signal.aborted) {
      const [todos, reached] = [this.#todos, this.#reached];
      this.#todos = [];
      try {
        await this.#note(todos, reached);
      } catch (error) {
        this.#deps.onError(error);
        this.#todos = [...todos, ...this.#todos];
        await delay(STORE_PAUSE, this.#end.signal);
      }
    }
    this.#isWriting = false;
  }

  async #note(todos: readonly Todo[], reached: number): Promise<void> {
    const { deliveryQueue, keyValue, onAdded } = this.#deps;
    await Promise.all([deliveryQueue.add(todos), keyValue.set(NAME, String(reached))]);
    this.#noted = reached;
    onAdded();
  }
}
