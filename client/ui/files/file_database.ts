import { completionOf, resultOf } from "../storage/indexed_db.ts";
import type { References } from "../storage/outbox_store.ts";

/** A file of a message that is being sent. */
export interface QueuedFile {
  /** The idempotency key of its upload. */
  readonly key: string;
  readonly name: string;
  readonly content: Blob;
  /** Its id, once the server has it. */
  readonly id?: string | undefined;
}

/** A message with files that the server has not confirmed. */
export interface QueuedMessage {
  /** The idempotency key of the message. */
  readonly key: string;
  /** The public token of the sender. */
  readonly owner: string;
  readonly channel: string;
  readonly text: string;
  readonly references?: References | undefined;
  readonly files: readonly QueuedFile[];
  /** When it was written: Unix time in ms. */
  readonly at: number;
  /** When the server was first asked to store it. */
  readonly sentAt?: number | undefined;
  /** The code of the refusal, if the server has refused it. */
  readonly problem?: string | undefined;
}

const STORE = "messages";

/** Where the messages with files of a session are until they are sent. */
export interface FileStore {
  list(): Promise<readonly QueuedMessage[]>;
  get(key: string): Promise<QueuedMessage | undefined>;
  put(message: QueuedMessage): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Opens them in IndexedDB, which all tabs of the browser share. Without IndexedDB they are held in memory. */
export async function openFileStore(name: string, owner: string): Promise<FileStore> {
  try {
    return new FileDatabase(await open(name), owner);
  } catch {
    return new FileMemory();
  }
}

/** What the browser does not store, because there is no space or it is private, is held in memory. */
class FileDatabase implements FileStore {
  readonly #database: IDBDatabase;
  readonly #owner: string;
  readonly #memory = new FileMemory();

  constructor(database: IDBDatabase, owner: string) {
    this.#database = database;
    this.#owner = owner;
    // The next user removes it.
    database.onversionchange = () => database.close();
  }

  async list(): Promise<readonly QueuedMessage[]> {
    const stored: QueuedMessage[] = await resultOf(this.#store("readonly").getAll());
    const own = stored.filter(({ owner }) => owner === this.#owner);
    const held = await this.#memory.list();
    const all = new Map([...own, ...held].map((message) => [message.key, message]));
    return [...all.values()].sort((one, other) => one.at - other.at);
  }

  async get(key: string): Promise<QueuedMessage | undefined> {
    return await this.#memory.get(key) ?? await resultOf(this.#store("readonly").get(key));
  }

  async put(message: QueuedMessage): Promise<void> {
    try {
      const store = this.#store("readwrite");
      store.put(message);
      await completionOf(store.transaction);
      await this.#memory.remove(message.key);
    } catch {
      await this.#memory.put(message);
    }
  }

  async remove(key: string): Promise<void> {
    await this.#memory.remove(key);
    await resultOf(this.#store("readwrite").delete(key));
  }

  #store(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(STORE, mode).objectStore(STORE);
  }
}

class FileMemory implements FileStore {
  readonly #messages = new Map<string, QueuedMessage>();

  list(): Promise<readonly QueuedMessage[]> {
    return Promise.resolve([...this.#messages.values()]);
  }

  get(key: string): Promise<QueuedMessage | undefined> {
    return Promise.resolve(this.#messages.get(key));
  }

  put(message: QueuedMessage): Promise<void> {
    this.#messages.set(message.key, message);
    return Promise.resolve();
  }

  remove(key: string): Promise<void> {
    this.#messages.delete(key);
    return Promise.resolve();
  }
}

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
  return resultOf(request);
}
