import { type Runtime, SYSTEM_RUNTIME } from "../base/runtime.ts";
import { Wakeup } from "../base/wakeup.ts";
import type { KeyValue, MessageLog } from "../core/model/store.ts";
import type { Message } from "../protocol/message.ts";
import type { DeliveryQueue, ScheduledTask } from "./delivery_queue.ts";

/** What a consumer works with. */
export interface LogConsumerDeps {
  readonly log: MessageLog;
  readonly keyValue: KeyValue;
  readonly queue: DeliveryQueue;
  /** The tasks of a message: always the same. */
  readonly tasksOf: (message: Message) => readonly ScheduledTask[];
  /** Called after tasks were added to the queue. */
  readonly onAdded: () => void;
  /** Called with a number of messages that cause no tasks: they were removed from the log before, or are too far behind. */
  readonly onMissed: (count: number) => void;
  readonly onError: (error: unknown) => void;
  readonly runtime?: Runtime | undefined;
}

/** The name of the offset in the key-value store: the id of the last message whose tasks are in the queue. */
const OFFSET = "webhooks";

/** Maximum number of messages to catch up with at the start. */
const MAX_BEHIND = 10_000;

/** The offset is saved after this number of messages, even if they have no tasks. */
const SAVE_INTERVAL = 1_000;

/** The delay before the store is written again after an error. */
const STORE_RETRY_MS = 2_000;

/**
 * Follows the log and adds the tasks of each message to the queue, and then saves the new offset: what happens in between, such
 * as the end of the process, adds the same tasks again. One loop writes, batch after batch, while further messages are
 * collected.
 */
export class LogConsumer implements AsyncDisposable {
  readonly #deps: LogConsumerDeps;
  readonly #stop = new AbortController();
  readonly #runtime: Runtime;
  readonly #wakeup: Wakeup;
  #tasks: ScheduledTask[] = [];
  #offset: number;
  #savedOffset: number;
  /** Whether messages were skipped, which must not be reported again after a restart. */
  #hasSkipped = false;
  #following: Disposable | undefined;
  #running: Promise<void> | undefined;

  /** Continues at the saved offset. The first consumer of a store starts with messages that are appended from now on. */
  static async open(deps: LogConsumerDeps): Promise<LogConsumer> {
    const { log, keyValue } = deps;
    const newest = await log.newestId();
    const saved = await keyValue.get(OFFSET);
    if (saved === undefined) await keyValue.set(OFFSET, String(newest));
    const consumer = new LogConsumer(deps, Math.min(Number(saved ?? newest), newest));
    consumer.#skipTo(newest - MAX_BEHIND);
    const onAppended = (messages: readonly Message[]) => consumer.#collect(messages);
    consumer.#following = await log.follow(consumer.#offset, onAppended);
    consumer.#skipTo(newest);
    consumer.#running = consumer.#run();
    return consumer;
  }

  private constructor(deps: LogConsumerDeps, offset: number) {
    this.#deps = deps;
    this.#runtime = deps.runtime ?? SYSTEM_RUNTIME;
    this.#wakeup = new Wakeup(this.#runtime);
    this.#offset = this.#savedOffset = offset;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#following?.[Symbol.dispose]();
    this.#stop.abort();
    this.#wakeup.wake();
    await this.#running;
  }

  #collect(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#skipTo(message.id - 1);
      this.#tasks.push(...this.#deps.tasksOf(message));
      this.#offset = message.id;
    }
    this.#wakeup.wake();
  }

  /** Moves the offset; the messages up to there were not received. */
  #skipTo(id: number): void {
    if (id <= this.#offset) return;
    this.#deps.onMissed(id - this.#offset);
    this.#offset = id;
    this.#hasSkipped = true;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const isDue = this.#tasks.length > 0 || this.#hasSkipped ||
        this.#offset - this.#savedOffset >= SAVE_INTERVAL;
      if (isDue) await this.#save();
      else await this.#wakeup.wait();
    }
  }

  async #save(): Promise<void> {
    const { queue, keyValue, onAdded, onError } = this.#deps;
    const { signal } = this.#stop;
    const [tasks, offset] = [this.#tasks, this.#offset];
    this.#tasks = [];
    this.#hasSkipped = false;
    let left = tasks;
    try {
      await queue.add(tasks);
      left = [];
      onAdded();
      // Only now: stores over the network can do this without the other, and then the events would be lost.
      await keyValue.set(OFFSET, String(offset));
      this.#savedOffset = offset;
    } catch (error) {
      onError(error);
      this.#hasSkipped = true;
      this.#tasks = [...left, ...this.#tasks];
      await this.#runtime.delay(STORE_RETRY_MS, signal);
    }
  }
}
