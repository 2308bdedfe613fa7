import { isRecord } from "../../../server/protocol/guards.ts";
import type { ServerSettings } from "../../../server/protocol/replies.ts";
import type { Conversation as ListedConversation, Message } from "../../comet/halley.ts";
import { completionOf, resultOf } from "../storage/indexed_db.ts";

/** What a page must know of a user of an application to show a copy while that cannot be asked. */
export interface KeptUser {
  readonly displayName: string;
  /** Of the server. */
  readonly settings: ServerSettings;
  /** The subject of the token with which the copy was made; undefined if that has none. */
  readonly subject: string | undefined;
  /** The time of the last contact with the server: Unix time in ms. */
  readonly at: number;
}

/** What is kept of all conversations of a session. */
export interface KeptList {
  /** The public token of the session. */
  readonly owner: string;
  /** All messages up to here are kept, as far as messages of their conversations are. */
  readonly cursor: string;
  /** As the server lists them. */
  readonly conversations: readonly ListedConversation[];
  /** Absent for guests, whose session is stored. */
  readonly user?: KeptUser | undefined;
}

/** What has changed in a conversation. */
export interface ChangedMessages {
  readonly channel: string;
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** Whether these replace what is kept; otherwise they are added. */
  readonly isWhole: boolean;
  /** Maximum number of messages that are kept. */
  readonly max: number;
}

const STORE = "copies";

/** The key of the list; those of the messages are their channels. */
const LIST = "";

/**
 * A copy, in IndexedDB, of what one session has loaded. Whatever fails is as if nothing was kept: a browser may forbid
 * storage, or have no space.
 */
export class CopyDatabase implements Disposable {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
    // It is deleted when the session ends, in any tab.
    database.onversionchange = () => database.close();
  }

  /** Opens the copy of this session, and removes that of any other; without `owner`, opens the one that is there. */
  static async open(name: string, owner?: string): Promise<CopyDatabase | undefined> {
    try {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        if (owner !== undefined) request.result.createObjectStore(STORE);
        // None is there, and none is made.
        else request.transaction?.abort();
      };
      const opened = new CopyDatabase(await resultOf(request));
      if (owner !== undefined && (await opened.list())?.owner !== owner) await opened.clear();
      return opened;
    } catch {
      return undefined;
    }
  }

  async list(): Promise<KeptList | undefined> {
    const value: unknown = await this.#run("readonly", (store) => resultOf(store.get(LIST)));
    return isKeptList(value) ? value : undefined;
  }

  /** The newest messages of a channel, oldest first. */
  async messages(channel: string): Promise<readonly Message[]> {
    return await this.#run("readonly", (store) => messagesIn(store, channel)) ?? [];
  }

  /** Replaces the list, and stores messages; those of conversations that are not listed are removed. */
  async save(list: KeptList, changed: readonly ChangedMessages[]): Promise<void> {
    await this.#run("readwrite", async (store) => {
      const listed = new Set(list.conversations.map(({ channel }) => channel));
      store.put(list, LIST);
      for (const { channel, messages, isWhole, max } of changed) {
        const before = isWhole ? [] : await messagesIn(store, channel);
        store.put(merged(before, messages).slice(-max), channel);
      }
      for (const key of await resultOf(store.getAllKeys())) {
        if (key !== LIST && !listed.has(String(key))) store.delete(key);
      }
    });
  }

  /** Replaces a message that was edited, or removes one that was deleted, if it is kept. */
  async change(changed: Message): Promise<void> {
    await this.#run("readwrite", async (store) => {
      const kept = await messagesIn(store, changed.channel);
      if (!kept.some(({ id }) => id === changed.id)) return;
      const present = kept.map((one) => one.id === changed.id ? changed : one)
        .filter(({ deletedAt }) => !deletedAt);
      store.put(present, changed.channel);
    });
  }

  async remove(channel: string): Promise<void> {
    await this.#run("readwrite", (store) => Promise.resolve(store.delete(channel)));
  }

  /** Removes the messages of all channels, and the list. */
  async clear(): Promise<void> {
    await this.#run("readwrite", (store) => Promise.resolve(store.clear()));
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** Resolves when the transaction is complete; without a value if it has failed. */
  async #run<T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      const transaction = this.#database.transaction(STORE, mode);
      const [value] = await Promise.all([
        work(transaction.objectStore(STORE)),
        completionOf(transaction),
      ]);
      return value;
    } catch {
      return undefined;
    }
  }
}

async function messagesIn(store: IDBObjectStore, channel: string): Promise<readonly Message[]> {
  // Only this program writes there.
  return await resultOf<readonly Message[] | undefined>(store.get(channel)) ?? [];
}

/** Each message once, oldest first, as it is in `added` if it is in both. */
function merged(kept: readonly Message[], added: readonly Message[]): readonly Message[] {
  const byId = new Map([...kept, ...added].map((message) => [message.id, message]));
  return [...byId.values()].sort((one, other) => one.id - other.id);
}

function isKeptList(value: unknown): value is KeptList {
  return isRecord(value) && typeof value.owner === "string" &&
    typeof value.cursor === "string" && Array.isArray(value.conversations);
}
