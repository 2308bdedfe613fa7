import { wallNow } from "../../base/clock.ts";
import type { QueuedTask, Task, TaskQueue } from "../../core/model/store.ts";
import type { JetStream } from "./nats_jetstream.ts";
import { NatsBucket } from "./nats_bucket.ts";
import { TaskList } from "./nats_task_list.ts";

/** A node that has not asked for so long (ms) what is due works on the queue no more: another one does. */
const IDLE = 30_000;

/** The queue in a stream of JetStream, one subject for each task. */
export class NatsQueue implements TaskQueue, AsyncDisposable {
  readonly #jetstream: JetStream;
  readonly #stream: string;
  readonly #tasks: NatsBucket<Task>;
  #last = 0;
  /** What is in the queue, while this node works on it. */
  #list: Promise<TaskList> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(jetstream: JetStream, stream: string) {
    this.#jetstream = jetstream;
    this.#stream = stream;
    this.#tasks = new NatsBucket(jetstream, stream);
  }

  async add(tasks: readonly Task[], limit: number): Promise<number> {
    await Promise.all(tasks.map((task) => this.#add(task)));
    if (await this.size() <= limit) return 0;
    return await this.#jetstream.purge(this.#stream, { keep: limit });
  }

  async listDue(time: number, limit: number): Promise<readonly QueuedTask[]> {
    const list = await this.#open();
    while (true) {
      const tasks = await list.due(time, limit);
      const there = await Promise.all(tasks.map((task) => this.#isThere(task, list)));
      if (there.every((isThere) => isThere)) return tasks;
    }
  }

  async postpone({ id: number, due, tries, body }: QueuedTask): Promise<void> {
    const task = { due, tries, body };
    await this.#tasks.modify([String(number)], (there) => there && task);
  }

  async remove(numbers: readonly number[]): Promise<void> {
    await Promise.all(numbers.map((number) => this.#tasks.remove(String(number))));
    const list = await this.#list;
    for (const number of numbers) list?.remove(number);
  }

  size(): Promise<number> {
    return this.#tasks.count();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    await this.#close();
  }

  async #add(task: Task): Promise<void> {
    while (!await this.#tasks.update([String(this.#newNumber())], task, 0));
  }

  /** Numbers rise with time, on all nodes; where two take the same one, one of them takes another. */
  #newNumber(): number {
    return this.#last = Math.max(this.#last + 1, wallNow() * 1_000);
  }

  async #isThere({ id: number }: QueuedTask, list: TaskList): Promise<boolean> {
    if (await this.#tasks.get(String(number)) !== undefined) return true;
    list.remove(number);
    return false;
  }

  #open(): Promise<TaskList> {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#close(), IDLE);
    return this.#list ??= TaskList.open(this.#jetstream, this.#stream).catch((error) => {
      this.#list = undefined;
      throw error;
    });
  }

  async #close(): Promise<void> {
    const list = this.#list;
    this.#list = undefined;
    (await list?.catch(() => undefined))?.[Symbol.dispose]();
  }
}
