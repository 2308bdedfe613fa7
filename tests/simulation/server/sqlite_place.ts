import type { Retention } from "../../../server/core/model/store.ts";
import type { SqliteStore } from "../../../server/stores/sqlite/sqlite_store.ts";
import { type Disk } from "./disk.ts";
import type { NodeProcess, StorePlace } from "./store_place.ts";

/** The SQLite store of a node, on a simulated disk. */
export class SqlitePlace implements StorePlace {
  readonly #disk: Disk;
  readonly #retention: Retention;
  #store: SqliteStore | undefined;

  constructor(disk: Disk, retention: Retention) {
    this.#disk = disk;
    this.#retention = retention;
  }

  open({ runtime }: NodeProcess, lose: (reason: string) => void): Promise<SqliteStore> {
    return Promise.try(() => {
      const store = this.#store = this.#disk.open(this.#retention, runtime, lose);
      const close = store[Symbol.asyncDispose].bind(store);
      // Nobody reads a database that is closed.
      store[Symbol.asyncDispose] = () => {
        this.#store = undefined;
        return close();
      };
      return store;
    });
  }

  onCrash(): void {
    this.#store = undefined;
    this.#disk.crash();
  }

  /** Whether the log is known to have a message. */
  isStored(id: number): boolean {
    return this.#store?.log.getStored(id) !== undefined;
  }
}
