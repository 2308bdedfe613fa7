import { JetStreamApiError } from "@nats-io/jetstream";
import type { QueuedTask, Task, TaskQueue } from "../../core/store.ts";
import type { NatsLink } from "./nats_link.ts";
import { StreamFollower } from "./stream_follower.ts";

/** What a queue is opened with. */
export interface NatsQueueOptions {
  readonly stream: string;
  readonly created: string;
  readonly prefix: string;
  /** The id of the first task that the stream keeps. */
  readonly first: number;
}

/**
 * The queue in a JetStream stream; a task's number is its sequence, and its time stands in its subject. Every node
 * knows the times of all tasks, and asks the stream whether a task is still there when its time has come.
 */
export class NatsQueue implements TaskQueue, Disposable {
  readonly #link: NatsLink;
  readonly #options: NatsQueueOptions;
  readonly #follower: StreamFollower;
  /** When each task is due, by its number. Others may have removed some of them. */
  readonly #dueTimes = new Map<number, number>();

  constructor(link: NatsLink, options: NatsQueueOptions) {
    this.#link = link;
    this.#options = options;
    const { stream, created, prefix, first } = options;
    this.#follower = new StreamFollower(link, {
      stream,
      created,
      after: Math.max(0, first - 1),
      onMessages: (messages) => {
        for (const { sequence, msg } of messages) {
          this.#dueTimes.set(sequence, Number(msg.subject.slice(prefix.length + 1)));
        }
      },
    });
  }

  async add(tasks: readonly Task[], limit: number): Promise<number> {
    for (const task of tasks) await this.#publish(task);
    const { stream } = this.#options;
    const { manager: { streams } } = this.#link;
    return (await this.#link.ask(() => streams.purge(stream, { keep: limit }))).purged;
  }

  async due(time: number, limit: number): Promise<readonly QueuedTask[]> {
    const numbers = (await this.#numbers()).filter((one) => (this.#dueTimes.get(one) ?? 0) <= time);
    const found: QueuedTask[] = [];
    while (numbers.length > 0 && found.length < limit) {
      const some = numbers.splice(0, limit - found.length);
      const tasks = await Promise.all(some.map((number) => this.#find(number)));
      found.push(...tasks.filter((task) => task !== undefined));
    }
    return found;
  }

  async next(): Promise<number | undefined> {
    for (const number of await this.#numbers()) {
      const task = await this.#find(number);
      if (task !== undefined) return task.due;
    }
    return undefined;
  }

  /** The task gets another number: it is added again, and then removed, so that it is never lost. */
  async postpone({ number, ...task }: QueuedTask): Promise<void> {
    await this.#publish(task);
    await this.remove([number]);
  }

  async remove(numbers: readonly number[]): Promise<void> {
    await Promise.all(numbers.map((number) => this.#link.ask(() => this.#remove(number))));
  }

  async size(): Promise<number> {
    const { manager: { streams } } = this.#link;
    return (await this.#link.ask(() => streams.info(this.#options.stream))).state.messages;
  }

  [Symbol.dispose](): void {
    this.#follower[Symbol.dispose]();
  }

  async #publish({ due, tries, body }: Task): Promise<void> {
    const subject = `${this.#options.prefix}.${due}`;
    const payload = JSON.stringify({ due, tries, body });
    const msgID = crypto.randomUUID();
    const { js } = this.#link;
    const { seq } = await this.#link.ask(() => js.publish(subject, payload, { msgID }));
    await this.#follower.reaches(seq);
  }

  /** Those that are known, in the order of their times. */
  async #numbers(): Promise<number[]> {
    await this.#follower.catchUp();
    return [...this.#dueTimes].sort(([number, due], [other, otherDue]) =>
      due - otherDue || number - other
    ).map(([number]) => number);
  }

  async #find(number: number): Promise<QueuedTask | undefined> {
    const { manager: { streams } } = this.#link;
    const { stream } = this.#options;
    const stored = await this.#link.ask(() => streams.getMessage(stream, { seq: number }));
    if (stored !== null) return { number, ...stored.json<Task>() };
    this.#dueTimes.delete(number);
    return undefined;
  }

  async #remove(number: number): Promise<void> {
    try {
      await this.#link.manager.streams.deleteMessage(this.#options.stream, number, false);
    } catch (error) {
      // Somebody else has removed it.
      if (!(error instanceof JetStreamApiError) || error.code !== NO_SUCH_MESSAGE) throw error;
    }
    this.#dueTimes.delete(number);
  }
}

const NO_SUCH_MESSAGE = 10_057;
