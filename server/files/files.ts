import type { Runtime } from "../base/runtime.ts";
import { storedEntry } from "../core/conversations/references.ts";
import { isMessage } from "../core/model/change.ts";
import type {
  Attachment,
  FileService,
  ReadableFile,
  Upload,
  Uploaded,
} from "../core/model/files.ts";
import { Refused } from "../core/model/refused.ts";
import { type Asker, mayRead } from "../core/model/rights.ts";
import type { Store } from "../core/model/store.ts";
import { parseChannel } from "../protocol/channel.ts";
import type { Message, MessageFile } from "../protocol/message.ts";
import { type FileRecord, FileRecords } from "./file_records.ts";
import type { FileLimits } from "./file_settings.ts";
import type { FileStorage } from "../core/model/file_storage.ts";
import { idInKey, unknownFile, Uploads } from "./uploads.ts";

/** What {@linkcode Files} is constructed from. */
export interface FilesDeps {
  readonly storage: FileStorage;
  readonly store: Pick<Store, "log" | "keyValue" | "sessions">;
  readonly limits: FileLimits;
  /** Called with the reason for which a file cannot be stored, if an administrator can do something about it. */
  readonly onFailure: (reason: string) => void;
  readonly runtime: Runtime;
}

/** Files that no message has are removed after this time in ms. */
const UNATTACHED_FOR = 86_400_000;

/** A message is in the log at most this time in ms after its files were reserved, or it never will be. */
const RESERVED_FOR = 900_000;

/** Number of entries of the log that are read at once. */
const PORTION = 200;

/** Number of contents that a sweep looks at before others get their turn for `pause` ms. */
const SWEEP = { contents: 100, pause: 20 } as const;

/**
 * The files of messages: their contents in a storage, and their records in the store of messages. Which message has a file is
 * in the log; a record only remembers it. So whenever the process ends, a message has its files, and what no message has is
 * removed by a sweep.
 */
export class Files implements FileService {
  readonly #deps: FilesDeps;
  readonly #records: FileRecords;
  readonly #uploads: Uploads;

  constructor(deps: FilesDeps) {
    this.#deps = deps;
    const { store: { keyValue, sessions } } = deps;
    this.#records = new FileRecords(keyValue);
    this.#uploads = new Uploads({ ...deps, records: this.#records, sessions });
  }

  get maxBytes(): number {
    return this.#deps.limits.fileBytes;
  }

  upload(owner: string, upload: Upload): Promise<Uploaded> {
    return this.#uploads.upload(owner, upload);
  }

  addThumbnail(
    owner: string,
    id: string,
    thumbnail: Pick<Upload, "content" | "network">,
  ): Promise<void> {
    return this.#uploads.addThumbnail(owner, id, thumbnail);
  }

  async find(asker: Asker | undefined, id: string, part?: "thumbnail"): Promise<ReadableFile> {
    const { storage } = this.#deps;
    const record = await this.#records.get(id);
    if (record === undefined || !await this.#mayRead(asker, record)) throw notFound();
    const { file, content, thumbnail } = record;
    const found = part === "thumbnail" ? thumbnail : { ...file, key: content };
    if (found === undefined || !await storage.has(found.key)) throw notFound();
    const { key, type, size } = found;
    return { file, type, size, open: (range) => storage.read(key, range) };
  }

  async reserve({ owner, ids, channel, key }: Attachment): Promise<readonly MessageFile[]> {
    if (new Set(ids).size < ids.length) {
      throw new Refused("invalid_request", '"files" must have each file once');
    }
    const after = await this.#deps.store.log.newestId();
    const at = this.#deps.runtime.wallNow();
    const reservation = { channel, ...(key !== undefined && { key }), at, after };
    const reserved: string[] = [];
    const reserveOne = async (id: string) => {
      const record = await this.#records.update(id, (record) => {
        if (record.owner !== owner || record.reserved !== undefined) return undefined;
        reserved.push(id);
        return { ...record, reserved: reservation };
      });
      // A repetition of a send has reserved them before.
      const isOwn = record?.owner === owner && record.reserved?.channel === channel &&
        (record.reserved === reservation || key !== undefined && record.reserved.key === key);
      if (!isOwn) throw unknownFile(id);
      return record.file;
    };
    try {
      const files: MessageFile[] = [];
      for (const id of ids) files.push(await reserveOne(id));
      return files;
    } catch (error) {
      await this.release(reserved);
      throw error;
    }
  }

  async attach(ids: readonly string[], { id: message, channel, at }: Message): Promise<void> {
    for (const id of ids) {
      await this.#records.update(id, (record) => ({
        ...record,
        reserved: { at, after: message - 1, ...record.reserved, channel, message },
      }));
    }
  }

  async release(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await this.#records.update(
        id,
        ({ reserved, ...record }) => reserved?.message === undefined ? record : undefined,
      );
    }
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const record = await this.#records.get(id);
      if (record !== undefined) await this.#remove(record);
    }
  }

  async removeOf(owner: string): Promise<void> {
    const list = await this.#records.listOf(owner);
    await this.remove(list.map(([id]) => id));
    await this.#records.removeList(owner);
  }

  async listOf(owner: string): Promise<readonly MessageFile[]> {
    const list = await this.#records.listOf(owner);
    const records = await Promise.all(list.map(([id]) => this.#records.get(id)));
    return records.flatMap((record) => record === undefined ? [] : [record.file]);
  }

  /** Removes what no message has (any more), in short steps, until `signal` aborts. */
  async sweep(signal: AbortSignal): Promise<void> {
    const { storage, runtime } = this.#deps;
    let count = 0;
    for await (const { key, at } of storage.list()) {
      if (signal.aborted) return;
      const record = await this.#records.get(idInKey(key));
      if (record?.content === key) await this.#sweepRecord(record);
      else if (record?.thumbnail?.key !== key && at < runtime.wallNow() - UNATTACHED_FOR) {
        await storage.remove(key);
      }
      if (++count % SWEEP.contents === 0) await runtime.delay(SWEEP.pause, signal);
    }
  }

  async #sweepRecord(record: FileRecord): Promise<void> {
    const { reserved, file: { id }, at } = record;
    const now = this.#deps.runtime.wallNow();
    if (reserved === undefined) {
      if (at < now - UNATTACHED_FOR) await this.#remove(record);
      return;
    }
    const isSettled = reserved.message !== undefined || reserved.at < now - RESERVED_FOR;
    if (!isSettled || await this.#messageOf(record) !== undefined) return;
    if (reserved.message === undefined) await this.release([id]);
    else await this.#remove(record);
  }

  /** The record first: a content without a record is removed by a sweep, a record without its content would stay. */
  async #remove(record: FileRecord): Promise<void> {
    const { storage } = this.#deps;
    await this.#records.remove(record);
    await storage.remove(record.content);
    if (record.thumbnail !== undefined) await storage.remove(record.thumbnail.key);
  }

  /** Whoever may read the message may read its files. Until a message has it, a file is only for its owner. */
  async #mayRead(asker: Asker | undefined, record: FileRecord): Promise<boolean> {
    if (asker === undefined) return true;
    const message = await this.#messageOf(record);
    const channel = message && parseChannel(message.channel);
    if (channel !== undefined) return mayRead(asker, channel);
    return record.reserved?.message === undefined && record.owner === asker.publicToken;
  }

  /** The message that has a file; `undefined` if none has, or it is gone. */
  async #messageOf({ file: { id }, reserved }: FileRecord): Promise<Message | undefined> {
    if (reserved === undefined) return undefined;
    const { log } = this.#deps.store;
    const hasFile = (entry: Message) =>
      isMessage(entry) && entry.files?.some((file) => file.id === id);
    if (reserved.message !== undefined) {
      const entry = await storedEntry(log, reserved.message);
      return entry !== undefined && hasFile(entry) ? entry : undefined;
    }
    // A reader can ask before the sender has recorded it, and the process of the sender may have ended before that.
    for (let after = reserved.after;;) {
      const entries = await log.scan(after, PORTION);
      const found = entries.find(hasFile);
      if (found !== undefined) {
        await this.attach([id], found);
        return found;
      }
      const last = entries.at(-1);
      if (last === undefined || last.at > reserved.at + RESERVED_FOR) return undefined;
      after = last.id;
    }
  }
}

function notFound(): Refused {
  return new Refused("not_found", "There is no file with this id, or you may not read it");
}
