import type { QueuedTask, TaskQueue } from "../core/model/store.ts";
import { formatTask, type WebhookTask } from "./webhook_task.ts";

/** A task, and when (Unix time in ms) it is due. */
export interface Todo {
  readonly due: number;
  readonly task: WebhookTask;
}

/** What a deliveryQueue is told to keep to. */
export interface DeliveryQueueOptions {
  /** So many tasks may wait: of more, the oldest are dropped. */
  readonly limit: number;
  /** Told how many were dropped. */
  readonly onDropped: (count: number) => void;
}

/** The tasks that wait, in a queue that survives the process. */
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

  /** How many tasks wait, more or less. */
  get size(): number {
    return this.#size;
  }

  /** PendingAck to the queue in this turn of the event loop; durable when it resolves. */
  async add(todos: readonly Todo[]): Promise<void> {
    if (todos.length === 0) return;
    const { limit, onDropped } = this.#options;
    const tasks = todos.map(({ due, task }) => ({ due, tries: 0, body: formatTask(task) }));
    const dropped = await this.#queue.add(tasks, limit);
    this.#size = dropped > 0 ? limit : this.#size + todos.length;
    if (dropped > 0) onDropped(dropped);
  }

  /** The `count` tasks that are due first, now or later. */
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
