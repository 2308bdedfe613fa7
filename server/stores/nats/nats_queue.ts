import type { Runtime, Timer } from "../../base/runtime.ts";
import type { QueuedTask, Task, TaskQueue } from "../../core/model/store.ts";
import { NatsBucket } from "./nats_bucket.ts";
import type { JetStream } from "./nats_jetstream.ts";
import { TaskList } from "./nats_task_list.ts";

/** A node that has not called `listDue` for this time in ms is no longer the one that works on the queue. */
const IDLE_TIMEOUT = 30_000;

/**
 * The task queue in a stream of JetStream, with one subject per task. Only the node that works on the queue has the list
 * of tasks in memory; the other nodes just write.
 */
export class NatsQueue implements TaskQueue, AsyncDisposable {
  readonly #jetstream: JetStream;
  readonly #runtime: Runtime;
  readonly #stream: string;
  readonly #tasks: NatsBucket<Task>;
  #lastId = 0;
  /** Present while this node works on the queue. */
  #list: Promise<TaskList> | undefined;
  #idleTimer: Timer | undefined;

  constructor(jetstream: JetStream, stream: string) {
    this.#jetstream = jetstream;
    this.#runtime = jetstream.client.runtime;
    this.#stream = stream;
    this.#tasks = new NatsBucket(jetstream, stream);
  }

  async add(tasks: readonly Task[], limit: number): Promise<number> {
    await Promise.all(tasks.map((task) => this.#add(task)));
    return await this.#dropOldest(limit);
  }

  async listDue(time: number, limit: number): Promise<readonly QueuedTask[]> {
    const list = await this.#openList();
    while (true) {
      const tasks = await list.listDue(time, limit);
      const areStored = await Promise.all(tasks.map((task) => this.#isStored(task, list)));
      if (areStored.every((isStored) => isStored)) return tasks;
    }
  }

  async postpone({ id, due, tries, body }: QueuedTask): Promise<void> {
    await this.#tasks.modify(String(id), (stored) => stored && { due, tries, body });
  }

  async remove(ids: readonly number[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#tasks.remove(String(id))));
    const list = await this.#list;
    for (const id of ids) list?.remove(id);
  }

  size(): Promise<number> {
    return this.#tasks.count();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#runtime.clearTimeout(this.#idleTimer);
    await this.#closeList();
  }

  /** Not by a purge with `keep`: that counts also the numbers of removed messages, and so drops more. */
  async #dropOldest(limit: number): Promise<number> {
    let dropped = 0;
    for (let surplus = await this.size() - limit; surplus > 0; surplus--) {
      const oldest = await this.#tasks.oldest();
      if (oldest === undefined) break;
      // Another node may have removed it since.
      if (await this.#tasks.removeRevision(oldest.revision)) dropped++;
    }
    return dropped;
  }

  async #add(task: Task): Promise<void> {
    while (!await this.#tasks.update(String(this.#newId()), task, 0));
  }

  /** Ids increase with time on all nodes. If two nodes choose the same one, `#add` tries another. */
  #newId(): number {
    return this.#lastId = Math.max(this.#lastId + 1, this.#runtime.wallNow() * 1_000);
  }

  /** Whether a task is still stored; otherwise removes it from the list. */
  async #isStored({ id }: QueuedTask, list: TaskList): Promise<boolean> {
    if (await this.#tasks.get(String(id)) !== undefined) return true;
    list.remove(id);
    return false;
  }

  #openList(): Promise<TaskList> {
    this.#runtime.clearTimeout(this.#idleTimer);
    this.#idleTimer = this.#runtime.setTimeout(() => this.#closeList(), IDLE_TIMEOUT);
    return this.#list ??= TaskList.open(this.#jetstream, this.#stream).catch((error) => {
      this.#list = undefined;
      throw error;
    });
  }

  async #closeList(): Promise<void> {
    const list = this.#list;
    this.#list = undefined;
    (await list?.catch(() => undefined))?.[Symbol.dispose]();
  }
}
