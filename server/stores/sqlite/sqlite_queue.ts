import type { DatabaseSync } from "node:sqlite";
import type { QueuedTask, Task, TaskQueue } from "../../core/model/store.ts";
import type { GroupCommit } from "./group_commit.ts";

/** The task queue of a SQLite store. */
export class SqliteQueue implements TaskQueue {
  readonly #group: GroupCommit;
  readonly #sql: ReturnType<typeof prepare>;
  /** The number of tasks, because SQLite counts rows one by one; absent if unknown. */
  #size: number | undefined;

  constructor(database: DatabaseSync, group: GroupCommit) {
    this.#group = group;
    this.#sql = prepare(database);
  }

  add(tasks: readonly Task[], limit: number): Promise<number> {
    return this.#write(() => {
      const size = this.#count() + tasks.length;
      for (const { due, tries, body } of tasks) this.#sql.add.run(due, tries, body);
      const surplus = Math.max(0, size - limit);
      if (surplus > 0) this.#sql.dropOldest.run(surplus);
      this.#size = size - surplus;
      return surplus;
    });
  }

  listDue(time: number, limit: number): Promise<readonly QueuedTask[]> {
    return Promise.resolve(this.#sql.listDue.all(time, limit).map(taskOf));
  }

  postpone({ id, due, tries }: QueuedTask): Promise<void> {
    return this.#group.write(() => {
      this.#sql.postpone.run(due, tries, id);
    });
  }

  remove(ids: readonly number[]): Promise<void> {
    return this.#write(() => {
      let size = this.#count();
      for (const id of ids) size -= Number(this.#sql.remove.run(id).changes);
      this.#size = size;
    });
  }

  size(): Promise<number> {
    return Promise.resolve(this.#count());
  }

  #count(): number {
    return this.#size ??= Number(this.#sql.count.get()?.count);
  }

  /** Runs `work`, which updates the size. If its transaction is rolled back, the size is no longer known. */
  async #write<T>(work: () => T): Promise<T> {
    try {
      return await this.#group.write(work);
    } catch (error) {
      this.#size = undefined;
      throw error;
    }
  }
}

function taskOf(row: Record<string, unknown>): QueuedTask {
  return {
    id: Number(row.number),
    due: Number(row.due),
    tries: Number(row.tries),
    body: String(row.body),
  };
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    add: sql("INSERT INTO queue (due, tries, body) VALUES (?, ?, ?)"),
    listDue: sql("SELECT * FROM queue WHERE due <= ? ORDER BY due, number LIMIT ?"),
    postpone: sql("UPDATE queue SET due = ?, tries = ? WHERE number = ?"),
    remove: sql("DELETE FROM queue WHERE number = ?"),
    count: sql("SELECT count(*) AS count FROM queue"),
    dropOldest: sql(`
      DELETE FROM queue WHERE number IN (SELECT number FROM queue ORDER BY number LIMIT ?)`),
  };
}
