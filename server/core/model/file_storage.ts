import type { ByteRange } from "./files.ts";

/** What is stored under a key. */
export interface StoredBlob {
  readonly key: string;
  readonly size: number;
  /** When it was stored: Unix time in ms. */
  readonly at: number;
}

/** Where the contents of files are stored, under keys that are never used again. What they are is stored elsewhere. */
export interface FileStorage {
  /** Stores what the chunks contain. It is durable when this resolves; if it rejects, nothing is stored. */
  put(key: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;

  /** Whether there is something under a key. */
  has(key: string): Promise<boolean>;

  /** Reads what is stored, or a part of it, as fast as the consumer takes it. */
  read(key: string, range?: ByteRange): ReadableStream<Uint8Array<ArrayBuffer>>;

  /** Removes what is stored, if it is. */
  remove(key: string): Promise<void>;

  /** Everything that is stored. Also removes what uploads have left that were interrupted long ago. */
  list(): AsyncIterable<StoredBlob>;
}
