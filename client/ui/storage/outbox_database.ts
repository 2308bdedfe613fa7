import { MemoryOutboxStore, type OutboxEntry, type OutboxStore } from "./outbox_store.ts";

const STORE = "entries";

/** Entries that nobody came for are dropped after this long: their session is over. */
const FORGOTTEN_AFTER = 30 * 24 * 3_600_000;

interface Row extends OutboxEntry {
  readonly owner: string;
  /** Its place among all. */
  readonly order?: number;
}

/**
 * Keeps unsent messages in IndexedDB, for all tabs of a browser that have the same session. Where there is no such
 * database, they are kept until the page is closed.
 */
export class OutboxDatabase implements OutboxStore {
  onChange: (() => void) | undefined;
  readonly #owner: string;
  readonly #name: string;
  readonly #database: Promise<IDBDatabase | undefined>;
  readonly #memory = new MemoryOutboxStore();
  readonly #others: BroadcastChannel | undefined;

  constructor(name: string, owner: string) {
    this.#name = `${name}:${owner}`;
    this.#owner = owner;
    this.#database = open(name).catch(() => undefined); // Forbidden, or broken: memory will do.
    if (typeof BroadcastChannel === "undefined") return;
    this.#others = new BroadcastChannel(this.#name);
    this.#others.onmessage = () => this.onChange?.();
  }

  async list(): Promise<readonly OutboxEntry[]> {
    const database = await this.#database;
    if (!database) return this.#memory.list();
    const rows = await this.#rows(database);
    return rows.map(({ owner: _owner, order: _order, ...entry }) => entry);
  }

  async has(key: string): Promise<boolean> {
    const database = await this.#database;
    if (!database) return this.#memory.has(key);
    return await this.#place(database.transaction(STORE).objectStore(STORE), key) !== undefined;
  }

  async put(entry: OutboxEntry): Promise<void> {
    const database = await this.#database;
    if (!database) return this.#memory.put(entry);
    const store = writing(database);
    const order = await this.#place(store, entry.key);
    const row: Row = { ...entry, owner: this.#owner };
    await answered(order === undefined ? store.add(row) : store.put({ ...row, order }));
    this.#tell();
  }

  async remove(key: string): Promise<void> {
    const database = await this.#database;
    if (!database) return this.#memory.remove(key);
    const store = writing(database);
    const order = await this.#place(store, key);
    if (order !== undefined) await answered(store.delete(order));
    this.#tell();
  }

  async clear(): Promise<void> {
    const database = await this.#database;
    if (!database) return this.#memory.clear();
    for (const { key } of await this.#rows(database)) await this.remove(key);
  }

  async alone(name: string, work: () => Promise<void>): Promise<void> {
    // Without locks the key alone makes a message count once.
    if (!("locks" in navigator)) return await work();
    let isAlone = false;
    const begin = () => (isAlone = true, work());
    try {
      await navigator.locks.request(`${this.#name}:${name}`, begin);
    } catch (error) {
      if (isAlone) throw error;
      await work(); // Locks are forbidden where storage is.
    }
  }

  [Symbol.dispose](): void {
    this.onChange = undefined;
    this.#others?.close();
  }

  #rows(database: IDBDatabase): Promise<readonly Row[]> {
    const index = database.transaction(STORE).objectStore(STORE).index("owner");
    return answered<Row[]>(index.getAll(this.#owner));
  }

  #place(store: IDBObjectStore, key: string): Promise<IDBValidKey | undefined> {
    return answered<IDBValidKey | undefined>(store.index("key").getKey([this.#owner, key]));
  }

  #tell(): void {
    try {
      this.#others?.postMessage("changed");
    } catch {
      // Closed in the meantime: what was sent last is gone from the database all the same.
    }
  }
}

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    const store = request.result.createObjectStore(STORE, {
      keyPath: "order",
      autoIncrement: true,
    });
    store.createIndex("owner", "owner");
    store.createIndex("key", ["owner", "key"], { unique: true });
  };
  return answered(request).then((database) => {
    dropForgotten(database);
    return database;
  });
}

function dropForgotten(database: IDBDatabase): void {
  const request = writing(database).openCursor();
  request.onsuccess = () => {
    const cursor = request.result;
    if (!cursor) return;
    const { at }: Row = cursor.value;
    if (Date.now() - at > FORGOTTEN_AFTER) cursor.delete();
    cursor.continue();
  };
}

function writing(database: IDBDatabase): IDBObjectStore {
  return database.transaction(STORE, "readwrite").objectStore(STORE);
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
