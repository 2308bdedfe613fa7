import { steadyNow } from "../core/steady_time.ts";
import type { QueuedTask, Task, TaskQueue } from "../core/store.ts";
import { readAll } from "./nats_consumer.ts";
import type { JetStream } from "./nats_jetstream.ts";
import { Records } from "./nats_records.ts";

/** The queue in a stream of JetStream, one subject for each task. */
export class NatsQueue implements TaskQueue {
  readonly #jetstream: JetStream;
  readonly #stream: string;
  readonly #tasks: Records<Task>;
  #last = 0;

  constructor(jetstream: JetStream, stream: string) {
    this.#jetstream = jetstream;
    this.#stream = stream;
    this.#tasks = new Records(jetstream, stream);
  }

  async add(tasks: readonly Task[], limit: number): Promise<number> {
    await Promise.all(tasks.map((task) => this.#add(task)));
    if (await this.size() <= limit) return 0;
    return await this.#jetstream.purge(this.#stream, { keep: limit });
  }

  async due(time: number, limit: number): Promise<readonly QueuedTask[]> {
    const tasks = (await this.#all()).filter(({ due }) => due <= time);
    return tasks.slice(0, limit);
  }

  async postpone({ number, due, tries, body }: QueuedTask): Promise<void> {
    const task = { due, tries, body };
    await this.#tasks.change([String(number)], (there) => there && task);
  }

  async remove(numbers: readonly number[]): Promise<void> {
    await Promise.all(numbers.map((number) => this.#tasks.remove(String(number))));
  }

  size(): Promise<number> {
    return this.#tasks.count();
  }

  async #add(task: Task): Promise<void> {
    while (!await this.#tasks.replace([String(this.#newNumber())], task, 0));
  }

  /** Numbers rise with time, on all nodes; where two take the same one, one of them takes another. */
  #newNumber(): number {
    return this.#last = Math.max(this.#last + 1, steadyNow() * 1_000);
  }

  /** In the order in which they are due. */
  async #all(): Promise<QueuedTask[]> {
    const tasks: QueuedTask[] = [];
    await readAll(this.#jetstream, { stream: this.#stream }, ({ message }) => {
      const number = Number(message.subject.split(".").at(-1));
      const task: Task = message.json();
      tasks.push({ number, ...task });
    });
    return tasks.sort((one, other) => one.due - other.due || one.number - other.number);
  }
}
