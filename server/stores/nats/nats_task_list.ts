import type { QueuedTask, Task } from "../../core/model/store.ts";
import { OrderedConsumer, type StreamDelivery } from "./nats_ordered_consumer.ts";
import { type JetStream, parseJson } from "./nats_jetstream.ts";
import { allSubjects } from "./nats_subjects.ts";

/** A task that was added is waited for so long (ms) at most: it may have been removed meanwhile. */
const PATIENCE = 1_000;

/** A task, and where it stands in the stream. */
interface Listed extends QueuedTask {
  readonly seq: number;
}

/** The tasks of a stream in the order in which they are due, in memory, for the node that works on them. */
export class TaskList implements Disposable {
  readonly #jetstream: JetStream;
  readonly #stream: string;
  /** In the order of the stream. */
  readonly #byNumber = new Map<number, Listed>();
  /** In the order in which they are due. */
  readonly #sorted: Listed[] = [];
  #consumer: OrderedConsumer | undefined;
  #place = 0;
  #onPlace: () => void = () => {};

  static async open(jetstream: JetStream, stream: string): Promise<TaskList> {
    const list = new TaskList(jetstream, stream);
    const onMessage = (delivered: StreamDelivery) => list.#take(delivered);
    const { consumer } = await OrderedConsumer.open(jetstream, { stream, after: 0, onMessage });
    list.#consumer = consumer;
    return list;
  }

  private constructor(jetstream: JetStream, stream: string) {
    this.#jetstream = jetstream;
    this.#stream = stream;
  }

  /** At most `limit` tasks that are due at `time`; some of them may have been removed by others. */
  async due(time: number, limit: number): Promise<readonly QueuedTask[]> {
    await this.#catchUp();
    return this.#sorted.slice(0, limit).filter(({ due }) => due <= time);
  }

  remove(number: number): void {
    const task = this.#byNumber.get(number);
    if (task === undefined) return;
    this.#byNumber.delete(number);
    this.#sorted.splice(this.#indexOf(task), 1);
  }

  [Symbol.dispose](): void {
    this.#consumer?.[Symbol.dispose]();
    this.#onPlace();
  }

  /** Waits for what has been added, and lets go what the stream has dropped from its start. */
  async #catchUp(): Promise<void> {
    const [last, { state }] = await Promise.all([
      this.#jetstream.get(this.#stream, { last_by_subj: allSubjects(this.#stream) }),
      this.#jetstream.info(this.#stream),
    ]);
    if (last !== undefined && last.seq > this.#place) await this.#reach(last.seq);
    for (const { id: number, seq } of this.#byNumber.values()) {
      if (seq >= state.first_seq) break;
      this.remove(number);
    }
  }

  async #reach(seq: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, PATIENCE);
    this.#onPlace = () => {
      if (this.#place >= seq) resolve();
    };
    await promise;
    clearTimeout(late);
    this.#onPlace = () => {};
  }

  #take({ seq, subject, text }: StreamDelivery): void {
    const number = Number(subject.split(".").at(-1));
    const task = parseJson<Task>(text());
    if (task !== undefined) this.#put({ ...task, id: number, seq });
    this.#place = seq;
    this.#onPlace();
  }

  #put(task: Listed): void {
    this.remove(task.id);
    this.#byNumber.set(task.id, task);
    this.#sorted.splice(this.#indexOf(task), 0, task);
  }

  /** Where a task stands among the others, or would stand. */
  #indexOf(task: QueuedTask): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#sorted[middle];
      if (other !== undefined && isBefore(other, task)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(one: QueuedTask, other: QueuedTask): boolean {
  return one.due < other.due || one.due === other.due && one.id < other.id;
}
