import type { QueuedTask, Task, TaskQueue } from "../../core/model/store.ts";
import type { KvDatabase } from "./kv_database.ts";
import { DUE, dueKey, QUEUE, taskChunkKey, taskKey, TASKS } from "./kv_keys.ts";
import { fromChunks, toChunks } from "./kv_chunks.ts";

/** So many tasks, and so many bytes of them, are added or removed in one commit. */
const STEP = { tasks: 100, bytes: 500_000 } as const;

/** What is known of the whole queue. */
interface Queue {
  readonly size: number;
  readonly newest: number;
}

/** A task as it lies in the database, but for its body. */
interface Kept {
  readonly due: number;
  readonly tries: number;
  /** How many parts its body has. */
  readonly parts: number;
}

/** A task and the parts of its body. */
interface Cut {
  readonly task: Task;
  readonly parts: readonly Uint8Array[];
}

/** The queue in a Deno KV database. */
export class KvQueue implements TaskQueue {
  readonly #database: KvDatabase;

  constructor(database: KvDatabase) {
    this.#database = database;
  }

  async add(tasks: readonly Task[], limit: number): Promise<number> {
    for (const some of inSteps(tasks)) await this.#database.retry(() => this.#add(some));
    return await this.#dropBeyond(limit);
  }

  async listDue(time: number, limit: number): Promise<readonly QueuedTask[]> {
    // What is due at this very time, too.
    const selector = { prefix: DUE, end: [...DUE, time, Infinity] };
    const filed = await this.#database.list<true>(selector, { limit });
    const numbers = filed.map(({ key }) => Number(key.at(-1)));
    const entries = await this.#database.getMany<Kept>(numbers.map(taskKey));
    const tasks = entries.map(({ value }, n) => this.#task(numbers[n] ?? 0, value));
    return (await Promise.all(tasks)).filter((task) => task !== undefined);
  }

  async postpone({ id: number, due, tries }: QueuedTask): Promise<void> {
    await this.#database.retry(async () => {
      const entry = await this.#database.get<Kept>(taskKey(number));
      const kept = entry.value;
      if (kept === null) return "";
      return await this.#database.commit((operation) => {
        operation.check(entry).set(entry.key, { ...kept, due, tries });
        operation.delete(dueKey(kept.due, number)).set(dueKey(due, number), true);
      });
    });
  }

  async remove(numbers: readonly number[]): Promise<void> {
    for (let start = 0; start < numbers.length; start += STEP.tasks) {
      const some = numbers.slice(start, start + STEP.tasks);
      await this.#database.retry(() => this.#remove(some));
    }
  }

  async size(): Promise<number> {
    return (await this.#database.get<Queue>(QUEUE)).value?.size ?? 0;
  }

  async #add(tasks: readonly Cut[]): Promise<string | undefined> {
    const queue = await this.#database.get<Queue>(QUEUE);
    const { size, newest } = queue.value ?? EMPTY;
    return await this.#database.commit((operation) => {
      const grown = { size: size + tasks.length, newest: newest + tasks.length };
      operation.check(queue).set(QUEUE, grown);
      for (const [n, { task: { due, tries }, parts }] of tasks.entries()) {
        const number = newest + 1 + n;
        operation.set(taskKey(number), { due, tries, parts: parts.length });
        operation.set(dueKey(due, number), true);
        for (const [part, bytes] of parts.entries()) {
          operation.set(taskChunkKey(number, part), bytes);
        }
      }
    });
  }

  async #dropBeyond(limit: number): Promise<number> {
    let dropped = 0;
    for (
      let surplus = await this.size() - limit;
      surplus > 0;
      surplus = await this.size() - limit
    ) {
      const oldest = await this.#database.list<Kept>(
        { prefix: TASKS },
        { limit: Math.min(surplus, STEP.tasks) },
      );
      if (oldest.length === 0) break;
      const numbers = oldest.map(({ key }) => Number(key.at(-1)));
      dropped += await this.#database.retry(() => this.#remove(numbers));
    }
    return dropped;
  }

  /** Says how many of them were there. */
  async #remove(numbers: readonly number[]): Promise<number | undefined> {
    const queue = await this.#database.get<Queue>(QUEUE);
    const entries = await this.#database.getMany<Kept>(numbers.map(taskKey));
    const { size, newest } = queue.value ?? EMPTY;
    const there = entries.filter(({ value }) => value !== null).length;
    const isDone = await this.#database.commit((operation) => {
      operation.check(queue).set(QUEUE, { size: size - there, newest });
      for (const [n, { value }] of entries.entries()) {
        const number = numbers[n];
        if (value === null || number === undefined) continue;
        operation.delete(taskKey(number)).delete(dueKey(value.due, number));
        for (let part = 0; part < value.parts; part++) operation.delete(taskChunkKey(number, part));
      }
    });
    return isDone === undefined ? undefined : there;
  }

  async #task(number: number, kept: Kept | null): Promise<QueuedTask | undefined> {
    if (kept === null) return undefined;
    const keys = Array.from({ length: kept.parts }, (_, part) => taskChunkKey(number, part));
    const parts = await this.#database.getMany<Uint8Array>(keys);
    // Another node may have removed it meanwhile.
    const there = parts.flatMap(({ value }) => value ?? []);
    if (there.length < kept.parts) return undefined;
    return { id: number, due: kept.due, tries: kept.tries, body: fromChunks(there) };
  }
}

const EMPTY: Queue = { size: 0, newest: 0 };

/** The tasks, as many together as one commit has room for. */
function* inSteps(tasks: readonly Task[]): Generator<readonly Cut[]> {
  let step: Cut[] = [];
  let bytes = 0;
  for (const task of tasks) {
    const parts = toChunks(task.body);
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    if (step.length > 0 && (step.length === STEP.tasks || bytes + size > STEP.bytes)) {
      yield step;
      [step, bytes] = [[], 0];
    }
    step.push({ task, parts });
    bytes += size;
  }
  if (step.length > 0) yield step;
}
