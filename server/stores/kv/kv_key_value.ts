import type { KeyValue } from "../../core/model/store.ts";
import type { KvDatabase } from "./kv_database.ts";
import { leaseKey, noteKey } from "./kv_keys.ts";

interface Lease {
  readonly holder: string;
  /** Unix time in ms, by the clock of the holder. */
  readonly ends: number;
}

/** The keyValue in a Deno KV database. Leases are told by the clocks of the nodes, which must agree within seconds. */
export class KvKeyValue implements KeyValue {
  readonly #database: KvDatabase;

  constructor(database: KvDatabase) {
    this.#database = database;
  }

  async read(name: string): Promise<string | undefined> {
    return (await this.#database.get<string>(noteKey(name))).value ?? undefined;
  }

  async write(name: string, value: string): Promise<void> {
    await this.#database.commit((operation) => operation.set(noteKey(name), value));
  }

  async remove(name: string): Promise<void> {
    await this.#database.commit((operation) => operation.delete(noteKey(name)));
  }

  async lease(name: string, holder: string, length: number): Promise<boolean> {
    return await this.#database.persist(async () => {
      const entry = await this.#database.get<Lease>(leaseKey(name));
      const now = Date.now();
      const lease = entry.value;
      if (lease !== null && lease.holder !== holder && lease.ends > now) return false;
      const isDone = await this.#database.commit((operation) => {
        operation.check(entry);
        if (length > 0) operation.set(entry.key, { holder, ends: now + length });
        else operation.delete(entry.key);
      });
      return isDone !== undefined || undefined;
    });
  }
}
