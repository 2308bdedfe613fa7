import type { DatabaseSync } from "node:sqlite";
import type { Notebook } from "../core/store.ts";
import type { GroupCommit } from "./group_commit.ts";

/** The notebook in a SQLite database. */
export class SqliteNotebook implements Notebook {
  readonly #group: GroupCommit;
  readonly #read;
  readonly #write;

  constructor(database: DatabaseSync, group: GroupCommit) {
    this.#group = group;
    this.#read = database.prepare("SELECT value FROM notebook WHERE name = ?");
    this.#write = database.prepare("INSERT OR REPLACE INTO notebook VALUES (?, ?)");
  }

  read(name: string): Promise<string | undefined> {
    const row = this.#read.get(name);
    return Promise.resolve(row && String(row.value));
  }

  write(name: string, value: string): Promise<void> {
    return this.#group.write(() => {
      this.#write.run(name, value);
    });
  }
}
