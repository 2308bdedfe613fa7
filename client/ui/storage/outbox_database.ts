import { MemoryOutboxStore, type OutboxEntry, type OutboxStore } from "./outbox_store.ts";

const STORE = "entries";

/** Age in ms after which entries are removed that no tab has sent: their session has ended. */
const MAX_AGE = 30 * 24 * 3_600_000;

interface Row extends OutboxEntry {
  readonly owner: string;
  /** Assigned by the database: entries are listed in this order. */
  readonly order?: number;
}

/**
 * Unsent messages in IndexedDB, shared by all tabs of a browser that have the same session. Without IndexedDB they are
 * held in memory.
 */
export class OutboxDatabase implements OutboxStore {
  onChange: (() => void) | undefined;
  readonly #owner: string;
  readonly #name: string;
  readonly #database: Promise<IDBDatabase | undefined>;
  readonly #memory = new MemoryOutboxStore();
  readonly #otherTabs: BroadcastChannel | undefined;

  constructor(name: string, owner: string) {
    this.#name = `${name}:${owner}`;
    this.#owner = owner;
    this.#database = open(name).catch(() => undefined); // Forbidden or broken.
    if (typeof BroadcastChannel === "undefined") return;
    this.#otherTabs = new BroadcastChannel(this.#name);
    this.#otherTabs.onmessage = () => this.onChange?.();
  }

  async list(): Promise<readonly OutboxEntry[]> {
    const database = await this.#database;
    if (!database) return this.#memory.list();
    const rows = await this.#rows(database);
    return rows.map(({ owner: _owner, order: _order, ...entry }) => entry);
  }

  async put(entry: OutboxEntry): Promise<void> {
    const database = await this.#database;
    if (!database) return this.#memory.put(entry);
    const store = writableStore(database);
    const order = await this.#orderOf(store, entry.key);
    const row: Row = { ...entry, owner: this.#owner };
    await resultOf(order === undefined ? store.add(row) : store.put({ ...row, order }));
    this.#notify();
  }

  async remove(key: string): Promise<void> {
    const database = await this.#database;
    if (!database) return this.#memory.remove(key);
    const store = writableStore(database);
    const order = await this.#orderOf(store, key);
    if (order !== undefined) await resultOf(store.delete(order));
    this.#notify();
  }

  async clear(): Promise<void> {
    const database = await this.#database;
    if (!database) return this.#memory.clear();
    for (const { key } of await this.#rows(database)) await this.remove(key);
  }

  async exclusively(name: string, work: () => Promise<void>): Promise<void> {
    // Without locks two tabs can send the same message; the server appends it once because of its key.
    if (!("locks" in navigator)) return await work();
    let hasLock = false;
    const begin = () => (hasLock = true, work());
    try {
      await navigator.locks.request(`${this.#name}:${name}`, begin);
    } catch (error) {
      if (hasLock) throw error;
      await work(); // Locks are forbidden here, as storage is.
    }
  }

  [Symbol.dispose](): void {
    this.onChange = undefined;
    this.#otherTabs?.close();
  }

  #rows(database: IDBDatabase): Promise<readonly Row[]> {
    const index = database.transaction(STORE).objectStore(STORE).index("owner");
    return resultOf<Row[]>(index.getAll(this.#owner));
  }

  #orderOf(store: IDBObjectStore, key: string): Promise<IDBValidKey | undefined> {
    return resultOf<IDBValidKey | undefined>(store.index("key").getKey([this.#owner, key]));
  }

  #notify(): void {
    try {
      this.#otherTabs?.postMessage("changed");
    } catch {
      // The channel was closed during the write. The other tabs read the database before they send.
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
  return resultOf(request).then((database) => {
    removeExpired(database);
    return database;
  });
}

function removeExpired(database: IDBDatabase): void {
  const request = writableStore(database).openCursor();
  request.onsuccess = () => {
    const cursor = request.result;
    if (!cursor) return;
    const { at }: Row = cursor.value;
    if (Date.now() - at > MAX_AGE) cursor.delete();
    cursor.continue();
  };
}

function writableStore(database: IDBDatabase): IDBObjectStore {
  return database.transaction(STORE, "readwrite").objectStore(STORE);
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
