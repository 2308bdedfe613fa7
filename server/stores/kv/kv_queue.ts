import type { QueuedTask, Task, TaskQueue } from "../../core/model/store.ts";
import { fromChunks, toChunks } from "./kv_chunks.ts";
import type { KvDatabase } from "./kv_database.ts";
import { dueKey, QUEUE, taskChunkKey, taskKey, TASKS, TASKS_BY_DUE } from "./kv_keys.ts";

/**
 * Maximum number of tasks, and of bytes of their bodies, in one commit. Deno KV allows 100 checks: one for each task, and one for
 * the state of the queue.
 */
const BATCH_LIMIT = { tasks: 99, bytes: 500_000 } as const;

/** The stored state of the whole queue. */
interface QueueState {
  readonly size: number;
  /** The id of the newest task. */
  readonly newest: number;
}

/** The stored format of a task, without its body. */
interface TaskRecord {
  readonly due: number;
  readonly tries: number;
  /** The number of chunks of its body. */
  readonly parts: number;
}

/** A task and the chunks of its body. */
interface ChunkedTask {
  readonly task: Task;
  readonly chunks: readonly Uint8Array[];
}

/** The entry of a task, and a key by which it is not due. */
interface Leftover {
  readonly entry: Deno.KvEntryMaybe<TaskRecord>;
  readonly key: Deno.KvKey;
}

/** The task queue in a Deno KV database. */
export class KvQueue implements TaskQueue {
  readonly #database: KvDatabase;

  constructor(database: KvDatabase) {
    this.#database = database;
  }

  async add(tasks: readonly Task[], limit: number): Promise<number> {
    for (const batch of batchesOf(tasks)) await this.#database.retry(() => this.#add(batch));
    return await this.#dropOldest(limit);
  }

  async listDue(time: number, limit: number): Promise<readonly QueuedTask[]> {
    // The end is exclusive; with Infinity, it is after all tasks that are due exactly at `time`.
    const selector = { prefix: TASKS_BY_DUE, end: [...TASKS_BY_DUE, time, Infinity] };
    while (true) {
      const due = await this.#database.list<true>(selector, { limit });
      const ids = due.map(({ key }) => Number(key.at(-1)));
      const entries = await this.#database.getMany<TaskRecord>(ids.map(taskKey));
      const leftovers = entries.flatMap((entry, n) => {
        const { key = [] } = due[n] ?? {};
        return entry.value?.due === key.at(-2) ? [] : [{ entry, key }];
      });
      if (leftovers.length === 0) {
        const tasks = entries.map(({ value }, n) => this.#task(ids[n] ?? 0, value));
        return (await Promise.all(tasks)).filter((task) => task !== undefined);
      }
      await this.#clean(leftovers.slice(0, BATCH_LIMIT.tasks));
    }
  }

  async postpone({ id, due, tries }: QueuedTask): Promise<void> {
    await this.#database.retry(async () => {
      const entry = await this.#database.get<TaskRecord>(taskKey(id));
      const record = entry.value;
      if (record === null) return "";
      return await this.#database.commit((operation) => {
        operation.check(entry).set(entry.key, { ...record, due, tries });
        operation.delete(dueKey(record.due, id)).set(dueKey(due, id), true);
      });
    });
  }

  async remove(ids: readonly number[]): Promise<void> {
    for (let start = 0; start < ids.length; start += BATCH_LIMIT.tasks) {
      const batch = ids.slice(start, start + BATCH_LIMIT.tasks);
      await this.#database.retry(() => this.#remove(batch));
    }
  }

  async size(): Promise<number> {
    return (await this.#database.get<QueueState>(QUEUE)).value?.size ?? 0;
  }

  async #add(tasks: readonly ChunkedTask[]): Promise<string | undefined> {
    const queue = await this.#database.get<QueueState>(QUEUE);
    const { size, newest } = queue.value ?? EMPTY;
    return await this.#database.commit((operation) => {
      const state = { size: size + tasks.length, newest: newest + tasks.length };
      operation.check(queue).set(QUEUE, state);
      for (const [n, { task: { due, tries }, chunks }] of tasks.entries()) {
        const id = newest + 1 + n;
        operation.set(taskKey(id), { due, tries, parts: chunks.length });
        operation.set(dueKey(due, id), true);
        for (const [n, chunk] of chunks.entries()) operation.set(taskChunkKey(id, n), chunk);
      }
    });
  }

  /**
   * Removes keys by which tasks that were removed or postponed would still be due: earlier versions have left some. In the place
   * of tasks, they could hold up all others.
   */
  async #clean(leftovers: readonly Leftover[]): Promise<void> {
    await this.#database.commit((operation) => {
      for (const { entry, key } of leftovers) operation.check(entry).delete(key);
    });
  }

  /** Removes the oldest tasks beyond `limit`; returns their number. */
  async #dropOldest(limit: number): Promise<number> {
    let dropped = 0;
    while (true) {
      const surplus = await this.size() - limit;
      if (surplus <= 0) return dropped;
      const oldest = await this.#database.list<TaskRecord>(
        { prefix: TASKS },
        { limit: Math.min(surplus, BATCH_LIMIT.tasks) },
      );
      if (oldest.length === 0) return dropped;
      const ids = oldest.map(({ key }) => Number(key.at(-1)));
      dropped += await this.#database.retry(() => this.#remove(ids));
    }
  }

  /** Removes tasks; returns how many of them existed. */
  async #remove(ids: readonly number[]): Promise<number | undefined> {
    const queue = await this.#database.get<QueueState>(QUEUE);
    const entries = await this.#database.getMany<TaskRecord>(ids.map(taskKey));
    const { size, newest } = queue.value ?? EMPTY;
    const count = entries.filter(({ value }) => value !== null).length;
    const committed = await this.#database.commit((operation) => {
      // Another node may postpone one of the tasks at this moment, which changes the key by which it is due.
      operation.check(queue, ...entries).set(QUEUE, { size: size - count, newest });
      for (const [n, { value }] of entries.entries()) {
        const id = ids[n];
        if (value === null || id === undefined) continue;
        operation.delete(taskKey(id)).delete(dueKey(value.due, id));
        for (let chunk = 0; chunk < value.parts; chunk++) operation.delete(taskChunkKey(id, chunk));
      }
    });
    return committed === undefined ? undefined : count;
  }

  async #task(id: number, record: TaskRecord | null): Promise<QueuedTask | undefined> {
    if (record === null) return undefined;
    const keys = Array.from({ length: record.parts }, (_, chunk) => taskChunkKey(id, chunk));
    const entries = await this.#database.getMany<Uint8Array>(keys);
    const chunks = entries.flatMap(({ value }) => value ?? []);
    // Another node may have removed the task since the record was read.
    if (chunks.length < record.parts) return undefined;
    return { id, due: record.due, tries: record.tries, body: fromChunks(chunks) };
  }
}

const EMPTY: QueueState = { size: 0, newest: 0 };

/** Groups tasks by what fits into one commit. */
function* batchesOf(tasks: readonly Task[]): Generator<readonly ChunkedTask[]> {
  let batch: ChunkedTask[] = [];
  let bytes = 0;
  for (const task of tasks) {
    const chunks = toChunks(task.body);
    const size = chunks.reduce((sum, { length }) => sum + length, 0);
    const isFull = batch.length === BATCH_LIMIT.tasks || bytes + size > BATCH_LIMIT.bytes;
    if (batch.length > 0 && isFull) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push({ task, chunks });
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
