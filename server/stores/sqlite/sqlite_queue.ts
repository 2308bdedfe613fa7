import type { DatabaseSync } from "node:sqlite";
import type { QueuedTask, Task, TaskQueue } from "../../core/model/store.ts";
import type { GroupCommit } from "./group_commit.ts";

/** The queue in a SQLite database. */
export class SqliteQueue implements TaskQueue {
  readonly #group: GroupCommit;
  readonly #sql: ReturnType<typeof prepare>;
  /** How many tasks there are, since SQLite would count them one by one; absent where that is not known. */
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
    return Promise.resolve(this.#sql.due.all(time, limit).map(taskOf));
  }

  postpone({ id: number, due, tries }: QueuedTask): Promise<void> {
    return this.#group.write(() => {
      this.#sql.postpone.run(due, tries, number);
    });
  }

  remove(numbers: readonly number[]): Promise<void> {
    return this.#write(() => {
      let size = this.#count();
      for (const number of numbers) size -= Number(this.#sql.remove.run(number).changes);
      this.#size = size;
    });
  }

  size(): Promise<number> {
    return Promise.resolve(this.#count());
  }

  #count(): number {
    return this.#size ??= Number(this.#sql.count.get()?.count);
  }

  /** What was written may be taken back, with what was counted. */
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
    due: sql("SELECT * FROM queue WHERE due <= ? ORDER BY due, number LIMIT ?"),
    postpone: sql("UPDATE queue SET due = ?, tries = ? WHERE number = ?"),
    remove: sql("DELETE FROM queue WHERE number = ?"),
    count: sql("SELECT count(*) AS count FROM queue"),
    dropOldest: sql(`
      DELETE FROM queue WHERE number IN (SELECT number FROM queue ORDER BY number LIMIT ?)`),
  };
}
