import type { MonotonicTime } from "../../base/clock.ts";
import type { KeyValue } from "../../core/model/store.ts";
import type { KvDatabase } from "./kv_database.ts";
import { leaseKey, valueKey } from "./kv_keys.ts";

/** The field names are part of the stored format. */
interface Lease {
  readonly holder: string;
  /** Unix time in ms, by the clock of the holder's node. */
  readonly ends: number;
}

/** Another node's lease, and when this node first saw it as it is. Each renewal changes its version. */
interface SeenLease {
  readonly versionstamp: string;
  readonly since: MonotonicTime;
}

/**
 * Values and leases in a Deno KV database. Deno KV has no clock of its own, so a lease expires by the wall clocks of the
 * nodes: they must agree within a few seconds. A lease from a node whose clock was ahead expires when it has not been
 * renewed for its length.
 */
export class KvKeyValue implements KeyValue {
  readonly #database: KvDatabase;
  readonly #seen = new Map<string, SeenLease>();

  constructor(database: KvDatabase) {
    this.#database = database;
  }

  async get(name: string): Promise<string | undefined> {
    return (await this.#database.get<string>(valueKey(name))).value ?? undefined;
  }

  async set(name: string, value: string): Promise<void> {
    await this.#database.commit((operation) => operation.set(valueKey(name), value));
  }

  async replace(name: string, before: string | undefined, value: string): Promise<boolean> {
    return await this.#database.retry(async () => {
      const entry = await this.#database.get<string>(valueKey(name));
      if ((entry.value ?? undefined) !== before) return false;
      const committed = await this.#database.commit((operation) =>
        operation.check(entry).set(entry.key, value)
      );
      return committed !== undefined || undefined;
    });
  }

  async remove(name: string): Promise<void> {
    await this.#database.commit((operation) => operation.delete(valueKey(name)));
  }

  async acquireLease(name: string, holder: string, lengthMs: number): Promise<boolean> {
    return await this.#database.retry(async () => {
      const entry = await this.#database.get<Lease>(leaseKey(name));
      const now = this.#database.runtime.wallNow();
      if (entry.value === null || entry.value.holder === holder) this.#seen.delete(name);
      else if (entry.value.ends > now && !this.#isAbandoned(name, entry, lengthMs)) return false;
      const committed = await this.#database.commit((operation) =>
        operation.check(entry).set(entry.key, { holder, ends: now + lengthMs })
      );
      return committed !== undefined || undefined;
    });
  }

  #isAbandoned(name: string, { versionstamp }: Deno.KvEntry<Lease>, lengthMs: number): boolean {
    const seen = this.#seen.get(name);
    if (seen?.versionstamp === versionstamp) {
      return this.#database.runtime.msSince(seen.since) > lengthMs;
    }
    this.#seen.set(name, { versionstamp, since: this.#database.runtime.monotonicNow() });
    return false;
  }

  async releaseLease(name: string, holder: string): Promise<void> {
    await this.#database.retry(async () => {
      const entry = await this.#database.get<Lease>(leaseKey(name));
      if (entry.value?.holder !== holder) return "";
      return await this.#database.commit((operation) => operation.check(entry).delete(entry.key));
    });
  }
}
