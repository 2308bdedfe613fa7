import type { QueuedTask, TaskQueue } from "../core/model/store.ts";
import { formatTask, type WebhookTask } from "./webhook_task.ts";

/** A task to add to the queue. */
export interface ScheduledTask {
  /** Unix time in ms. */
  readonly due: number;
  readonly task: WebhookTask;
}

/** How a queue works. */
export interface DeliveryQueueOptions {
  /** Maximum number of tasks. Beyond it, the oldest ones are dropped. */
  readonly limit: number;
  readonly onDropped: (count: number) => void;
}

/** The tasks that are not done yet, in the store's queue. */
export class DeliveryQueue {
  readonly #queue: TaskQueue;
  readonly #options: DeliveryQueueOptions;
  #size: number;

  static async open(queue: TaskQueue, options: DeliveryQueueOptions): Promise<DeliveryQueue> {
    return new DeliveryQueue(queue, options, await queue.size());
  }

  private constructor(queue: TaskQueue, options: DeliveryQueueOptions, size: number) {
    this.#queue = queue;
    this.#options = options;
    this.#size = size;
  }

  /** Approximate number of tasks: other nodes add and remove tasks too. */
  get size(): number {
    return this.#size;
  }

  /** Adds tasks. Calls the store synchronously, so that they can be committed together with other changes. */
  async add(scheduled: readonly ScheduledTask[]): Promise<void> {
    if (scheduled.length === 0) return;
    const { limit, onDropped } = this.#options;
    const tasks = scheduled.map(({ due, task }) => ({ due, tries: 0, body: formatTask(task) }));
    const dropped = await this.#queue.add(tasks, limit);
    this.#size = dropped > 0 ? limit : this.#size + tasks.length;
    if (dropped > 0) onDropped(dropped);
  }

  /** Returns up to `count` tasks in the order in which they are due. They may be due later. */
  async first(count: number): Promise<readonly QueuedTask[]> {
    const tasks = await this.#queue.listDue(Number.MAX_SAFE_INTEGER, count);
    if (tasks.length < count) this.#size = tasks.length;
    return tasks;
  }

  postpone(task: QueuedTask): Promise<void> {
    return this.#queue.postpone(task);
  }

  async remove({ id }: QueuedTask): Promise<void> {
    await this.#queue.remove([id]);
    this.#size = Math.max(0, this.#size - 1);
  }
}
