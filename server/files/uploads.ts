import { createHmac } from "node:crypto";
import { errorMessage } from "../base/error_message.ts";
import type { Runtime } from "../base/runtime.ts";
import type { Upload, Uploaded } from "../core/model/files.ts";
import { Refused } from "../core/model/refused.ts";
import type { SessionStore } from "../core/model/store.ts";
import { API_KEY_PREFIX } from "../protocol/channel.ts";
import { PICTURE_TYPES, THUMBNAIL_BYTES } from "../protocol/limits.ts";
import type { MessageFile } from "../protocol/message.ts";
import { ByteReader, type ByteReaderOptions } from "./byte_reader.ts";
import { fileNameFrom } from "./file_name.ts";
import type { FileRecords, ListedFile } from "./file_records.ts";
import type { FileStorage } from "../core/model/file_storage.ts";
import type { FileLimits } from "./file_settings.ts";
import { UploadSlots } from "./upload_slots.ts";
import { inspect, type Inspection } from "./inspection.ts";

/** What {@linkcode Uploads} is constructed from. */
export interface UploadsDeps {
  readonly storage: FileStorage;
  readonly records: FileRecords;
  readonly limits: FileLimits;
  readonly sessions: Pick<SessionStore, "salt" | "findByPublicToken">;
  readonly onFailure: (reason: string) => void;
  readonly runtime: Runtime;
}

/** Maximum number of files of one owner that are stored: their list is one value of the store. */
const FILES_PER_OWNER = 1_000;

/** An upload that is slower than this ends. */
const PACE = { idleMs: 30_000, bytesPerSecond: 1_000 } as const;

/** Maximum width and height of a thumbnail in pixels. */
const THUMBNAIL_SIDE = 1_024;

/** When it is worth while to try again if there is no room, in ms. */
const FULL_FOR = 60_000;

/** How long a measured size of the storage is used, in ms. */
const MEASURED_FOR = 300_000;

/** Takes files in: within their limits, one after the other into the storage, each of them once. */
export class Uploads {
  readonly #deps: UploadsDeps;
  readonly #slots = new UploadSlots();
  #measured: { readonly until: number; readonly bytes: Promise<number> } | undefined;
  /** Bytes that were stored since the storage was measured. */
  #added = 0;
  /** The uploads that are running, with the bytes that they may take. */
  readonly #running = new Set<ListedFile>();

  constructor(deps: UploadsDeps) {
    this.#deps = deps;
  }

  /** As `FileService.upload` does. */
  async upload(
    owner: string,
    { name, key, size, content, network }: Upload,
  ): Promise<Uploaded> {
    const { records, limits, runtime } = this.#deps;
    const id = this.#idOf(owner, key);
    const options = { ...PACE, maxBytes: limits.fileBytes, runtime };
    await using reader = new ByteReader(content, options);
    checkSize(size, options);
    const known = await records.get(id);
    if (known !== undefined) return { file: known.file, repeated: true };
    const session = await this.#sessionOf(owner);
    if (session === undefined) throw ended();
    using _ = this.#slots.take({ owner, network });
    const room: ListedFile = [id, size ?? limits.fileBytes];
    using _running = await this.#run(room);
    await this.#takeRoom(owner, room);
    try {
      return await this.#store({ id, name: fileNameFrom(name) }, { owner, session }, reader);
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
    { content, network }: Pick<Upload, "content" | "network">,
  ): Promise<void> {
    const { storage, records, runtime } = this.#deps;
    const options = { ...PACE, maxBytes: THUMBNAIL_BYTES, runtime };
    await using reader = new ByteReader(content, options);
    const record = await records.get(id);
    if (record?.owner !== owner || !isPicture(record.file)) throw unknownFile(id);
    if (record.thumbnail !== undefined) return;
    using _ = this.#slots.take({ owner, network });
    using _running = await this.#run([id, THUMBNAIL_BYTES]);
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
    { owner, session }: { readonly owner: string; readonly session: number },
    reader: ByteReader,
  ): Promise<Uploaded> {
    const { storage, records, runtime } = this.#deps;
    const content = this.#newKey(head.id);
    if ((await reader.peek(1)).length === 0) throw new Refused("invalid_file", "The file is empty");
    const found = await this.#put(content, reader);
    const file: MessageFile = { ...head, ...found };
    // Another node may have taken the room: it cannot know that this upload was running.
    if (!await records.addToList(owner, [head.id, file.size], this.#isAllowed)) {
      await storage.remove(content);
      throw this.#tooManyFiles();
    }
    const record = { file, owner, content, at: runtime.wallNow() };
    const isAdded = await records.add(record);
    // An erasure ends the session first, and then removes the files that it finds.
    const present = await this.#sessionOf(owner);
    if (isAdded && present === session) return { file, repeated: false };
    if (isAdded) await records.remove(record);
    await storage.remove(content);
    if (present === undefined) await records.removeList(owner);
    if (isAdded) throw ended();
    // The same upload has come twice at the same time.
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

  /** When the session of an owner was created: a person who was erased meanwhile has another one, or none. */
  async #sessionOf(owner: string): Promise<number | undefined> {
    if (owner.startsWith(API_KEY_PREFIX)) return 0;
    return (await this.#deps.sessions.findByPublicToken(owner))?.createdAt;
  }

  /** Counts what an upload may take until the result is disposed. Refuses with `files_full`. */
  async #run(file: ListedFile): Promise<Disposable> {
    const measured = await this.#measure();
    // From here to the end without waiting: uploads that begin at the same moment count for each other.
    const used = measured + this.#added + bytesOf([...this.#running]);
    if (used + file[1] > this.#deps.limits.storageBytes) {
      this.#deps.onFailure("All files together would exceed FILE_STORAGE");
      throw full("The server has no room for more files");
    }
    this.#running.add(file);
    return { [Symbol.dispose]: () => void this.#running.delete(file) };
  }

  /** Adds a file to those of its owner if there is room for it. */
  async #takeRoom(owner: string, file: ListedFile): Promise<void> {
    const { records } = this.#deps;
    if (await records.addToList(owner, file, this.#isAllowed)) return;
    await this.#forgetUnfinished(owner);
    if (!await records.addToList(owner, file, this.#isAllowed)) throw this.#tooManyFiles();
  }

  readonly #isAllowed = (list: readonly ListedFile[]) =>
    list.length <= FILES_PER_OWNER && bytesOf(list) <= this.#deps.limits.ownerBytes;

  #tooManyFiles(): Refused {
    const detail = `Your files take all of the ${this.#deps.limits.ownerBytes} bytes that they ` +
      `may take, or they are ${FILES_PER_OWNER}: delete messages with files`;
    return new Refused("too_many_files", detail);
  }

  /** Removes those from the list of an owner that were never stored, because the server has stopped before. */
  async #forgetUnfinished(owner: string): Promise<void> {
    const { records } = this.#deps;
    const running = new Set([...this.#running].map(([id]) => id));
    const ids = (await records.listOf(owner)).map(([id]) => id).filter((id) => !running.has(id));
    const found = await Promise.all(ids.map((id) => records.get(id)));
    await records.removeFromList(owner, ids.filter((_, n) => found[n] === undefined));
  }

  /** The bytes of the storage when it was last measured. */
  async #measure(): Promise<number> {
    const now = this.#deps.runtime.wallNow();
    if (this.#measured === undefined || this.#measured.until < now) {
      this.#added = 0;
      this.#measured = { bytes: this.#sum(), until: now + MEASURED_FOR };
    }
    try {
      return await this.#measured.bytes;
    } catch (error) {
      this.#measured = undefined;
      throw error;
    }
  }

  async #sum(): Promise<number> {
    let bytes = 0;
    for await (const { size } of this.#deps.storage.list()) bytes += size;
    return bytes;
  }

  /** With a key, it is always the same. */
  #idOf(owner: string, key: string | undefined): string {
    const { sessions: { salt }, runtime } = this.#deps;
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

function ended(): Refused {
  return new Refused("not_signed_in", "The session of this upload has ended");
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

function bytesOf(files: readonly ListedFile[]): number {
  return files.reduce((bytes, [, more]) => bytes + more, 0);
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
