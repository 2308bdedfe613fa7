import { completionOf, resultOf } from "./indexed_db.ts";
import { MemoryOutboxStore, type OutboxEntry, type OutboxStore } from "./outbox_store.ts";

const STORE = "entries";

/** Age in ms after which entries are removed that no tab has sent: their session has ended. */
const MAX_AGE = 30 * 24 * 3_600_000;

type Row = OutboxEntry & {
  readonly owner: string;
  /** Assigned by the database: entries are listed in this order. */
  readonly order?: IDBValidKey;
};

/**
 * Opens what a session has not sent in IndexedDB, which all tabs of the browser share. Without IndexedDB they are held in
 * memory.
 */
export function openOutbox(name: string, owner: string): Promise<OutboxStore> {
  return open(name).then(
    (database) => new OutboxDatabase(database, name, owner),
    () => new MemoryOutboxStore(), // Forbidden or broken.
  );
}

class OutboxDatabase implements OutboxStore {
  onChange: (() => void) | undefined;
  readonly #owner: string;
  readonly #name: string;
  readonly #database: IDBDatabase;
  readonly #otherTabs: BroadcastChannel;

  constructor(database: IDBDatabase, name: string, owner: string) {
    this.#name = `${name}:${owner}`;
    this.#owner = owner;
    this.#database = database;
    this.#otherTabs = new BroadcastChannel(this.#name);
    this.#otherTabs.onmessage = () => this.onChange?.();
  }

  list(): Promise<readonly Row[]> {
    const index = this.#database.transaction(STORE).objectStore(STORE).index("owner");
    return resultOf<Row[]>(index.getAll(this.#owner));
  }

  async put(entry: OutboxEntry): Promise<void> {
    const store = writableStore(this.#database);
    const order = await this.#orderOf(store, entry.key);
    const row: Row = { ...entry, owner: this.#owner };
    store.put(order === undefined ? row : { ...row, order });
    // Without space, the request succeeds, and the transaction is aborted afterwards.
    await completionOf(store.transaction);
    this.#notify();
  }

  async remove(key: string): Promise<void> {
    const store = writableStore(this.#database);
    const order = await this.#orderOf(store, key);
    if (order !== undefined) await resultOf(store.delete(order));
    this.#notify();
  }

  async clear(): Promise<void> {
    for (const { key } of await this.list()) await this.remove(key);
  }

  async exclusively(name: string, work: () => Promise<void>): Promise<void> {
    // Without locks two tabs can send the same message; the server appends it once because of its key.
    await (navigator.locks?.request(`${this.#name}:${name}`, work) ?? work());
  }

  [Symbol.dispose](): void {
    this.onChange = undefined;
    this.#otherTabs.close();
  }

  #orderOf(store: IDBObjectStore, key: string): Promise<IDBValidKey | undefined> {
    return resultOf<IDBValidKey | undefined>(store.index("key").getKey([this.#owner, key]));
  }

  #notify(): void {
    // After the end the channel is closed. The other tabs read the database before they send.
    if (this.onChange) this.#otherTabs.postMessage("changed");
  }
}

async function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    const store = request.result.createObjectStore(STORE, {
      keyPath: "order",
      autoIncrement: true,
    });
    store.createIndex("owner", "owner");
    store.createIndex("key", ["owner", "key"], { unique: true });
  };
  const database = await resultOf(request);
  await removeExpired(database);
  return database;
}

async function removeExpired(database: IDBDatabase): Promise<void> {
  const store = writableStore(database);
  for (const { at, order } of await resultOf<Required<Row>[]>(store.getAll())) {
    if (Date.now() - at > MAX_AGE) store.delete(order);
  }
}

function writableStore(database: IDBDatabase): IDBObjectStore {
  return database.transaction(STORE, "readwrite").objectStore(STORE);
}
