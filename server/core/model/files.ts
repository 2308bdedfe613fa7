import type { Message, MessageFile } from "../../protocol/message.ts";
import { Refused } from "./refused.ts";
import type { Asker } from "./rights.ts";

/** A file that is being uploaded. */
export interface Upload {
  readonly name: string;
  /** Idempotency key: a repeated upload with the same key returns the first file. */
  readonly key?: string | undefined;
  /** Its size as the request declares it. */
  readonly size?: number | undefined;
  /** The network that the request comes from; `undefined` if limits per address do not apply to it. */
  readonly network?: string | undefined;
  readonly content: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** The result of an upload. */
export interface Uploaded {
  readonly file: MessageFile;
  /** Whether the same session had used the same key before; nothing was stored then. */
  readonly repeated: boolean;
}

/** A range of bytes: from `start` up to, and not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What somebody may read of a file. */
export interface ReadableFile {
  readonly file: MessageFile;
  /** The media type of what is read. */
  readonly type: string;
  /** In bytes. */
  readonly size: number;
  /** Opens the content, or a part of it. It is read as fast as the consumer takes it. */
  open(range?: ByteRange): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Which message files are for. */
export interface Attachment {
  /** The public token of the sender. */
  readonly owner: string;
  readonly ids: readonly string[];
  readonly channel: string;
  /** The idempotency key of the message. */
  readonly key?: string | undefined;
}

/**
 * The files of a deployment, as the core and the routes use them. A file belongs to its uploader until a message has it, and
 * then to that message alone.
 */
export interface FileService {
  /** The maximum size of a file in bytes. */
  readonly maxBytes: number;

  /**
   * Stores a file; it is durable when this resolves. Refuses with `body_too_large`, `invalid_file`, `too_many_files`,
   * `files_full` or `too_many_requests`, and with `not_signed_in` if the session of the owner has ended meanwhile.
   */
  upload(owner: string, upload: Upload): Promise<Uploaded>;

  /** Stores a small picture of a file that no message has yet. Refuses also with `unknown_file`. */
  addThumbnail(
    owner: string,
    id: string,
    thumbnail: Pick<Upload, "content" | "network">,
  ): Promise<void>;

  /** A file that `asker` may read at the moment; without one, any file of a message. Refuses with `not_found`. */
  find(asker: Asker | undefined, id: string, part?: "thumbnail"): Promise<ReadableFile>;

  /**
   * Reserves files for a message. Afterwards the message is appended, and `attach` or `release` called. If the process ends in
   * between, the log tells later whether a message has them. Refuses with `unknown_file`.
   */
  reserve(attachment: Attachment): Promise<readonly MessageFile[]>;

  /** Records that a message has the files. */
  attach(ids: readonly string[], message: Message): Promise<void>;

  /** Takes a reservation back. */
  release(ids: readonly string[]): Promise<void>;

  /** Removes files whose message is gone, or that no message has. */
  remove(ids: readonly string[]): Promise<void>;

  /** Removes all files that a person has uploaded. */
  removeOf(owner: string): Promise<void>;

  /** The files that a person has uploaded. */
  listOf(owner: string): Promise<readonly MessageFile[]>;
}

/** What a deployment uses that stores no files. */
export const NO_FILES: FileService = {
  maxBytes: 0,
  upload: refuse,
  addThumbnail: refuse,
  reserve: refuse,
  find: () => Promise.reject(new Refused("not_found", "There is no file with this id")),
  attach: () => Promise.resolve(),
  release: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  removeOf: () => Promise.resolve(),
  listOf: () => Promise.resolve([]),
};

function refuse(): Promise<never> {
  const detail = "This server stores no files: its administrator can change the setting FILES";
  return Promise.reject(new Refused("files_unavailable", detail));
}
