import type { QueuedTask, Task } from "../../core/model/store.ts";
import type { JetStream } from "./nats_jetstream.ts";
import { parseJson } from "./nats_jetstream.ts";
import { OrderedConsumer, type StreamDelivery } from "./nats_ordered_consumer.ts";
import { allSubjects } from "./nats_subjects.ts";

/** How long (ms) to wait for the delivery of the newest task; it may have been removed meanwhile. */
const DELIVERY_TIMEOUT = 1_000;

/** A task with its sequence number in the stream. */
interface ListedTask extends QueuedTask {
  readonly seq: number;
}

/** The tasks of a stream, in memory, sorted by the time when they are due. Kept up to date by an ordered consumer. */
export class TaskList implements Disposable {
  readonly #jetstream: JetStream;
  readonly #stream: string;
  /** In the order of the stream. */
  readonly #byId = new Map<number, ListedTask>();
  /** In the order in which they are due. */
  readonly #sorted: ListedTask[] = [];
  #consumer: OrderedConsumer | undefined;
  #lastSeq = 0;
  #onDelivery: () => void = () => {};

  static async open(jetstream: JetStream, stream: string): Promise<TaskList> {
    const list = new TaskList(jetstream, stream);
    const onMessage = (delivery: StreamDelivery) => list.#onMessage(delivery);
    list.#consumer = await OrderedConsumer.open(jetstream, { stream, after: 0, onMessage });
    return list;
  }

  private constructor(jetstream: JetStream, stream: string) {
    this.#jetstream = jetstream;
    this.#stream = stream;
  }

  /** Returns up to `limit` tasks that are due at `time`. Other nodes may have removed some of them. */
  async listDue(time: number, limit: number): Promise<readonly QueuedTask[]> {
    await this.#catchUp();
    return this.#sorted.slice(0, limit).filter(({ due }) => due <= time);
  }

  remove(id: number): void {
    const task = this.#byId.get(id);
    if (task === undefined) return;
    this.#byId.delete(id);
    this.#sorted.splice(this.#indexOf(task), 1);
  }

  [Symbol.dispose](): void {
    this.#consumer?.[Symbol.dispose]();
    this.#onDelivery();
  }

  /** Waits for the newest task, and removes the ones that were dropped from the start of the stream. */
  async #catchUp(): Promise<void> {
    const [newest, { state }] = await Promise.all([
      this.#jetstream.get(this.#stream, { last_by_subj: allSubjects(this.#stream) }),
      this.#jetstream.info(this.#stream),
    ]);
    if (newest !== undefined && !await this.#waitFor(newest.seq)) {
      // NATS 2.9.10 can leave out a message that is stored while another one is purged.
      this.#consumer?.restart();
      await this.#waitFor(newest.seq);
    }
    for (const { id, seq } of this.#byId.values()) {
      if (seq >= state.first_seq) break;
      this.remove(id);
    }
  }

  /** Returns whether a task was delivered, or a later one. */
  async #waitFor(seq: number): Promise<boolean> {
    if (this.#lastSeq >= seq) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const { runtime } = this.#jetstream.client;
    const timer = runtime.setTimeout(resolve, DELIVERY_TIMEOUT);
    this.#onDelivery = () => {
      if (this.#lastSeq >= seq) resolve();
    };
    await promise;
    runtime.clearTimeout(timer);
    this.#onDelivery = () => {};
    return this.#lastSeq >= seq;
  }

  #onMessage({ seq, subject, text }: StreamDelivery): void {
    const id = Number(subject.split(".").at(-1));
    const task = parseJson<Task>(text());
    if (task !== undefined) this.#add({ ...task, id, seq });
    this.#lastSeq = seq;
    this.#onDelivery();
  }

  #add(task: ListedTask): void {
    this.remove(task.id);
    this.#byId.set(task.id, task);
    this.#sorted.splice(this.#indexOf(task), 0, task);
  }

  /** The index of a task in the sorted list, or where it belongs. */
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
