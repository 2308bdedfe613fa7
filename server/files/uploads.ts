import { createHmac } from "node:crypto";
import { errorMessage } from "../base/error_message.ts";
import type { Runtime } from "../base/runtime.ts";
import type { Upload, Uploaded } from "../core/model/files.ts";
import { Refused } from "../core/model/refused.ts";
import { PICTURE_TYPES, THUMBNAIL_BYTES } from "../protocol/limits.ts";
import type { MessageFile } from "../protocol/message.ts";
import { ByteReader, type ByteReaderOptions } from "./byte_reader.ts";
import { fileNameFrom } from "./file_name.ts";
import type { FileRecords } from "./file_records.ts";
import type { FileStorage } from "./file_storage.ts";
import type { FileLimits } from "./file_settings.ts";
import { inspect, type Inspection } from "./inspection.ts";

/** What {@linkcode Uploads} is constructed from. */
export interface UploadsDeps {
  readonly storage: FileStorage;
  readonly records: FileRecords;
  readonly limits: FileLimits;
  /** A secret of the deployment, so that nobody can guess the id of a file from its key. */
  readonly salt: string;
  readonly onFailure: (reason: string) => void;
  readonly runtime: Runtime;
}

/** Maximum number of files of one owner that are stored: their list is one value of the store. */
const FILES_PER_OWNER = 1_000;

/** Maximum number of uploads at the same time, of one owner and of all. */
const SIMULTANEOUS = { owner: 4, all: 64 } as const;

/** An upload without a byte for this time in ms ends. */
const IDLE_MS = 30_000;

/** Maximum width and height of a thumbnail in pixels. */
const THUMBNAIL_SIDE = 1_024;

/** When it is worth while to try again if there is no room, in ms. */
const FULL_FOR = 60_000;

/** How long a measured size of the storage is used, in ms. */
const MEASURED_FOR = 300_000;

/** Takes files in: within their limits, one after the other into the storage, each of them once. */
export class Uploads {
  readonly #deps: UploadsDeps;
  /** The number of uploads of each owner that are running. */
  readonly #running = new Map<string, number>();
  #allRunning = 0;
  #measured: { readonly until: number; readonly bytes: number } | undefined;
  /** Bytes that were stored since the storage was measured. */
  #added = 0;

  constructor(deps: UploadsDeps) {
    this.#deps = deps;
  }

  /** As `FileService.upload` does. */
  async upload(owner: string, { name, key, size, content }: Upload): Promise<Uploaded> {
    const { records, limits } = this.#deps;
    const id = this.#idOf(owner, key);
    const options = { maxBytes: limits.fileBytes, idleMs: IDLE_MS };
    await using reader = new ByteReader(content, options);
    checkSize(size, options);
    const known = await records.get(id);
    if (known !== undefined) return { file: known.file, repeated: true };
    using _ = this.#start(owner);
    await this.#takeRoom(owner, [id, size ?? limits.fileBytes]);
    try {
      return await this.#store({ id, name: fileNameFrom(name) }, owner, reader);
    } catch (error) {
      // Unless the same upload has come twice, and the other one was stored.
      if (await records.get(id) === undefined) await records.removeFromList(owner, [id]);
      throw error;
    }
  }

  /** As `FileService.addThumbnail` does. */
  async addThumbnail(
    owner: string,
    id: string,
    content: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    const { storage, records } = this.#deps;
    const options = { maxBytes: THUMBNAIL_BYTES, idleMs: IDLE_MS };
    await using reader = new ByteReader(content, options);
    const record = await records.get(id);
    if (record?.owner !== owner || !isPicture(record.file)) throw unknownFile(id);
    if (record.thumbnail !== undefined) return;
    using _ = this.#start(owner);
    const key = this.#newKey(id);
    const { size, type } = await this.#put(key, reader, checkThumbnail);
    const thumbnail = { key, size, type };
    const changed = await records.update(
      id,
      (record) =>
        record.reserved || record.thumbnail
          ? undefined
          : { ...record, file: { ...record.file, thumbnail: true }, thumbnail },
    );
    if (changed?.thumbnail?.key === key) {
      await records.addToList(owner, [id, record.file.size + size], () => true);
      return;
    }
    await storage.remove(key);
    if (changed?.thumbnail === undefined) throw unknownFile(id);
  }

  async #store(
    head: Pick<MessageFile, "id" | "name">,
    owner: string,
    reader: ByteReader,
  ): Promise<Uploaded> {
    const { storage, records, runtime } = this.#deps;
    const content = this.#newKey(head.id);
    if ((await reader.peek(1)).length === 0) throw new Refused("invalid_file", "The file is empty");
    const found = await this.#put(content, reader);
    const file: MessageFile = { ...head, ...found };
    await records.addToList(owner, [head.id, file.size], () => true);
    const record = { file, owner, content, at: runtime.wallNow() };
    if (await records.add(record)) return { file, repeated: false };
    // The same upload has come twice at the same time.
    await storage.remove(content);
    return { file: (await records.get(head.id))?.file ?? file, repeated: true };
  }

  /** Stores what is left of a stream. `check` refuses what was found in it. */
  async #put(
    key: string,
    reader: ByteReader,
    check: (found: Inspection) => void = () => {},
  ): Promise<Inspection> {
    let found: Inspection | undefined;
    const chunks = async function* () {
      found = yield* inspect(reader);
      check(found);
    };
    try {
      await this.#deps.storage.put(key, chunks());
    } catch (error) {
      if (error instanceof Refused) throw error;
      this.#deps.onFailure(errorMessage(error));
      throw full("The server could not write the file to its disk");
    }
    if (found === undefined) throw new Error("The storage has not read the whole file");
    this.#added += found.size;
    return found;
  }

  /** Counts an upload until it is disposed. */
  #start(owner: string): Disposable {
    const running = this.#running.get(owner) ?? 0;
    if (running >= SIMULTANEOUS.owner || this.#allRunning >= SIMULTANEOUS.all) {
      throw new Refused("too_many_requests", "Too many files are uploaded at the same time", 1_000);
    }
    this.#running.set(owner, running + 1);
    this.#allRunning++;
    return {
      [Symbol.dispose]: () => {
        this.#allRunning--;
        const left = (this.#running.get(owner) ?? 1) - 1;
        if (left > 0) this.#running.set(owner, left);
        else this.#running.delete(owner);
      },
    };
  }

  /** Adds a file to those of its owner if there is room for it. */
  async #takeRoom(owner: string, file: readonly [id: string, bytes: number]): Promise<void> {
    const { records, limits } = this.#deps;
    if (await this.#usedBytes() + file[1] > limits.storageBytes) {
      this.#deps.onFailure("All files together would exceed FILE_STORAGE");
      throw full("The server has no room for more files");
    }
    const isAllowed = (list: readonly (readonly [string, number])[]) =>
      list.length <= FILES_PER_OWNER &&
      list.reduce((bytes, [, more]) => bytes + more, 0) <= limits.ownerBytes;
    if (await records.addToList(owner, file, isAllowed)) return;
    await this.#forgetUnfinished(owner);
    if (await records.addToList(owner, file, isAllowed)) return;
    const detail = `Your files take all of the ${limits.ownerBytes} bytes that they may take, or ` +
      `they are ${FILES_PER_OWNER}: delete messages with files`;
    throw new Refused("too_many_files", detail);
  }

  /** Removes those from the list of an owner that were never stored, because the server has stopped before. */
  async #forgetUnfinished(owner: string): Promise<void> {
    const { records } = this.#deps;
    const ids = (await records.listOf(owner)).map(([id]) => id);
    const found = await Promise.all(ids.map((id) => records.get(id)));
    await records.removeFromList(owner, ids.filter((_, n) => found[n] === undefined));
  }

  async #usedBytes(): Promise<number> {
    const now = this.#deps.runtime.wallNow();
    if (this.#measured === undefined || this.#measured.until < now) {
      let bytes = 0;
      this.#added = 0;
      for await (const { size } of this.#deps.storage.list()) bytes += size;
      this.#measured = { bytes, until: now + MEASURED_FOR };
    }
    return this.#measured.bytes + this.#added;
  }

  /** With a key, it is always the same. */
  #idOf(owner: string, key: string | undefined): string {
    const { salt, runtime } = this.#deps;
    const source = key === undefined ? runtime.randomUUID() : JSON.stringify([owner, key]);
    return createHmac("sha256", `${salt} ids of files`).update(source).digest("base64url")
      .slice(0, 22);
  }

  /** The key of a content of a file: no other content will have it. */
  #newKey(id: string): string {
    return `${id}-${this.#deps.runtime.randomUUID()}`;
  }
}

/** The id of the file that a key of the storage belongs to. */
export function idInKey(key: string): string {
  return key.slice(0, 22);
}

function full(detail: string): Refused {
  return new Refused("files_full", detail, FULL_FOR);
}

export function unknownFile(id: string): Refused {
  const detail = `There is no file "${id}" of yours that can be used here: upload it again`;
  return new Refused("unknown_file", detail);
}

function checkSize(size: number | undefined, { maxBytes }: ByteReaderOptions): void {
  if (size === undefined || size <= maxBytes) return;
  throw new Refused("body_too_large", `The file is larger than ${maxBytes} bytes`);
}

function isPicture({ type }: Pick<MessageFile, "type">): boolean {
  return PICTURE_TYPES.some((picture) => picture === type);
}

function checkThumbnail({ type, width = 0, height = 0 }: Inspection): void {
  const isSmall = Math.max(width, height) <= THUMBNAIL_SIDE;
  if (isPicture({ type }) && isSmall) return;
  const detail =
    `A thumbnail must be a picture of at most ${THUMBNAIL_SIDE} pixels in each direction`;
  throw new Refused("invalid_file", detail);
}
