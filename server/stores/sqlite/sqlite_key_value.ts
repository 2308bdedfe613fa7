import type { DatabaseSync } from "node:sqlite";
import type { MonotonicTime } from "../../base/clock.ts";
import type { Runtime } from "../../base/runtime.ts";
import type { KeyValue } from "../../core/model/store.ts";
import type { GroupCommit } from "./group_commit.ts";

interface Lease {
  readonly holder: string;
  readonly expires: MonotonicTime;
}

/** Values and leases of a SQLite store. */
export class SqliteKeyValue implements KeyValue {
  readonly #group: GroupCommit;
  readonly #runtime: Runtime;
  /** Kept in memory: only this process has the database open, and a restarted one need not wait for its own old lease. */
  readonly #leases = new Map<string, Lease>();
  readonly #get;
  readonly #set;
  readonly #remove;

  constructor(database: DatabaseSync, group: GroupCommit, runtime: Runtime) {
    this.#runtime = runtime;
    this.#group = group;
    this.#get = database.prepare("SELECT value FROM notebook WHERE name = ?");
    this.#set = database.prepare("INSERT OR REPLACE INTO notebook VALUES (?, ?)");
    this.#remove = database.prepare("DELETE FROM notebook WHERE name = ?");
  }

  get(name: string): Promise<string | undefined> {
    const row = this.#get.get(name);
    return Promise.resolve(row && String(row.value));
  }

  set(name: string, value: string): Promise<void> {
    return this.#group.write(() => {
      this.#set.run(name, value);
    });
  }

  replace(name: string, before: string | undefined, value: string): Promise<boolean> {
    return this.#group.write(() => {
      const row = this.#get.get(name);
      const isSame = (row && String(row.value)) === before;
      if (isSame) this.#set.run(name, value);
      return isSame;
    });
  }

  remove(name: string): Promise<void> {
    return this.#group.write(() => {
      this.#remove.run(name);
    });
  }

  acquireLease(name: string, holder: string, lengthMs: number): Promise<boolean> {
    const lease = this.#leases.get(name);
    const isTaken = lease !== undefined && lease.holder !== holder &&
      !this.#runtime.hasPassed(lease.expires);
    if (!isTaken) this.#leases.set(name, { holder, expires: this.#runtime.fromNow(lengthMs) });
    return Promise.resolve(!isTaken);
  }

  releaseLease(name: string, holder: string): Promise<void> {
    if (this.#leases.get(name)?.holder === holder) this.#leases.delete(name);
    return Promise.resolve();
  }
}
