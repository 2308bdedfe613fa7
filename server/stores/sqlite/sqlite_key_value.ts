import type { DatabaseSync } from "node:sqlite";
import type { KeyValue } from "../../core/model/store.ts";
import type { GroupCommit } from "./group_commit.ts";

/** The keyValue in a SQLite database. */
export class SqliteKeyValue implements KeyValue {
  readonly #group: GroupCommit;
  /** In memory: no other process has this store open, and none waits for the leases of one that was killed. */
  readonly #leases = new Map<string, { readonly holder: string; readonly ends: number }>();
  readonly #read;
  readonly #write;
  readonly #remove;

  constructor(database: DatabaseSync, group: GroupCommit) {
    this.#group = group;
    this.#read = database.prepare("SELECT value FROM notebook WHERE name = ?");
    this.#write = database.prepare("INSERT OR REPLACE INTO notebook VALUES (?, ?)");
    this.#remove = database.prepare("DELETE FROM notebook WHERE name = ?");
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

  remove(name: string): Promise<void> {
    return this.#group.write(() => {
      this.#remove.run(name);
    });
  }

  lease(name: string, holder: string, length: number): Promise<boolean> {
    const now = performance.now();
    const lease = this.#leases.get(name);
    if (lease !== undefined && lease.holder !== holder && lease.ends > now) {
      return Promise.resolve(false);
    }
    if (length > 0) this.#leases.set(name, { holder, ends: now + length });
    else this.#leases.delete(name);
    return Promise.resolve(true);
  }
}
