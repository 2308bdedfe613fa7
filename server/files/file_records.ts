import type { KeyValue } from "../core/model/store.ts";
import { API_KEY_PREFIX } from "../protocol/channel.ts";
import type { MessageFile } from "../protocol/message.ts";

/** What is stored of a file in the store of messages. */
export interface FileRecord {
  readonly file: MessageFile;
  /** The public token of the session that has uploaded it. */
  readonly owner: string;
  /** The key of its content in the storage. */
  readonly content: string;
  readonly thumbnail?: { readonly key: string; readonly type: string; readonly size: number };
  /** When it was uploaded: Unix time in ms. */
  readonly at: number;
  /** The message that it is reserved for, or that has it. */
  readonly reserved?: Reservation;
}

/** For which message a file is reserved. It is stored before the message is. */
export interface Reservation {
  readonly channel: string;
  /** The idempotency key of the message. */
  readonly key?: string;
  /** When it was reserved: Unix time in ms. */
  readonly at: number;
  /** The message comes after this id of the log. */
  readonly after: number;
  /** The id of the message, once that is known. */
  readonly message?: number;
}

/** A file in the list of its owner: its id and its size in bytes. */
export type ListedFile = readonly [id: string, bytes: number];

/** The files of one owner, the oldest first. */
type OwnerList = readonly ListedFile[];

/**
 * What is stored of files: a record for each file, and a list for each owner, which a file is added to before it is written.
 * Changes at the same time, also of other nodes, do not lose each other.
 */
export class FileRecords {
  readonly #keyValue: KeyValue;

  constructor(keyValue: KeyValue) {
    this.#keyValue = keyValue;
  }

  async get(id: string): Promise<FileRecord | undefined> {
    return parseRecord(await this.#keyValue.get(recordName(id)));
  }

  /** Adds a record; returns whether there was none with its id. */
  add(record: FileRecord): Promise<boolean> {
    return this.#keyValue.replace(recordName(record.file.id), undefined, JSON.stringify(record));
  }

  /** Replaces a record by what `change` makes of it; `undefined` leaves it. Returns the record as it is then. */
  async update(
    id: string,
    change: (record: FileRecord) => FileRecord | undefined,
  ): Promise<FileRecord | undefined> {
    for (;;) {
      const stored = await this.#keyValue.get(recordName(id));
      const record = parseRecord(stored);
      const changed = record && change(record);
      if (changed === undefined) return record;
      const isSet = await this.#keyValue.replace(recordName(id), stored, JSON.stringify(changed));
      if (isSet) return changed;
    }
  }

  /** Removes a record, and the file from the list of its owner. */
  async remove({ file: { id }, owner }: FileRecord): Promise<void> {
    await this.#keyValue.remove(recordName(id));
    await this.removeFromList(owner, [id]);
  }

  /** The ids of the files of an owner with their sizes, also of those that were not stored in the end. */
  async listOf(owner: string): Promise<OwnerList> {
    return parseList(await this.#keyValue.get(listName(owner)));
  }

  /**
   * Adds a file to the list of its owner, or sets its size there. Returns `false` if `isAllowed` is not true for the list with
   * the file.
   */
  async addToList(
    owner: string,
    [id, bytes]: ListedFile,
    isAllowed: (list: OwnerList) => boolean,
  ): Promise<boolean> {
    const add = (list: OwnerList) =>
      [...list.filter(([other]) => other !== id), [id, bytes]] as const;
    return await this.#replaceList(owner, add, isAllowed);
  }

  async removeFromList(owner: string, ids: readonly string[]): Promise<void> {
    await this.#replaceList(owner, (list) => list.filter(([id]) => !ids.includes(id)), () => true);
  }

  /** Removes the list of an owner, who uploads nothing any more. */
  async removeList(owner: string): Promise<void> {
    await this.#keyValue.remove(listName(owner));
  }

  async #replaceList(
    owner: string,
    change: (list: OwnerList) => OwnerList,
    isAllowed: (list: OwnerList) => boolean,
  ): Promise<boolean> {
    // A back end can have any number of files.
    if (owner.startsWith(API_KEY_PREFIX)) return true;
    const name = listName(owner);
    for (;;) {
      const stored = await this.#keyValue.get(name);
      const before = parseList(stored);
      const list = change(before);
      if (!isAllowed(list)) return false;
      if (list.length === 0 && before.length === 0) return true;
      if (await this.#keyValue.replace(name, stored, JSON.stringify(list))) return true;
    }
  }
}

function recordName(id: string): string {
  return `file ${id}`;
}

function listName(owner: string): string {
  return `files of ${owner}`;
}

function parseRecord(stored: string | undefined): FileRecord | undefined {
  return stored === undefined ? undefined : JSON.parse(stored);
}

function parseList(stored: string | undefined): OwnerList {
  return stored === undefined ? [] : JSON.parse(stored);
}
