import { wallNow } from "../../base/clock.ts";
import type { KeyValue } from "../../core/model/store.ts";
import type { KvDatabase } from "./kv_database.ts";
import { leaseKey, valueKey } from "./kv_keys.ts";

/** The field names are part of the stored format. */
interface Lease {
  readonly holder: string;
  /** Unix time in ms, by the clock of the holder's node. */
  readonly ends: number;
}

/**
 * Values and leases in a Deno KV database. Deno KV has no clock of its own, so a lease expires by the wall clocks of the
 * nodes: they must agree within a few seconds.
 */
export class KvKeyValue implements KeyValue {
  readonly #database: KvDatabase;

  constructor(database: KvDatabase) {
    this.#database = database;
  }

  async get(name: string): Promise<string | undefined> {
    return (await this.#database.get<string>(valueKey(name))).value ?? undefined;
  }

  async set(name: string, value: string): Promise<void> {
    await this.#database.commit((operation) => operation.set(valueKey(name), value));
  }

  async remove(name: string): Promise<void> {
    await this.#database.commit((operation) => operation.delete(valueKey(name)));
  }

  async acquireLease(name: string, holder: string, lengthMs: number): Promise<boolean> {
    return await this.#database.retry(async () => {
      const entry = await this.#database.get<Lease>(leaseKey(name));
      const now = wallNow();
      const lease = entry.value;
      if (lease !== null && lease.holder !== holder && lease.ends > now) return false;
      const committed = await this.#database.commit((operation) =>
        operation.check(entry).set(entry.key, { holder, ends: now + lengthMs })
      );
      return committed !== undefined || undefined;
    });
  }

  async releaseLease(name: string, holder: string): Promise<void> {
    await this.#database.retry(async () => {
      const entry = await this.#database.get<Lease>(leaseKey(name));
      if (entry.value?.holder !== holder) return "";
      return await this.#database.commit((operation) => operation.check(entry).delete(entry.key));
    });
  }
}
