import { deadline, TimeoutError } from "../base/deadline.ts";
import type { Runtime } from "../base/runtime.ts";
import { Refused } from "../core/model/refused.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How much a {@linkcode ByteReader} reads, and how long it waits. What happens to the bytes in between does not count. */
export interface ByteReaderOptions {
  /** Maximum number of bytes of the stream. */
  readonly maxBytes: number;
  /** Maximum time in ms without a byte, and behind a stream of `bytesPerSecond`. */
  readonly idleMs: number;
  readonly bytesPerSecond: number;
  readonly runtime: Runtime;
}

const NOTHING: Bytes = new Uint8Array();

/**
 * Reads a stream in pieces of any size, for the formats of files: it holds what was looked at and a chunk of the stream, never
 * the whole content. Refuses a stream that is too long with `body_too_large`, and one that ends by an error or is too slow
 * with `invalid_file`. The stream is cancelled when it is disposed.
 */
export class ByteReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  readonly #options: ByteReaderOptions;
  #buffer: Bytes = NOTHING;
  #total = 0;
  /** How long in ms it still waits. */
  #patience: number;
  #hasEnded = false;

  constructor(stream: ReadableStream<Bytes>, options: ByteReaderOptions) {
    this.#reader = stream.getReader();
    this.#options = options;
    this.#patience = options.idleMs;
  }

  /** The next bytes, which stay: `count` of them, or fewer at the end of the stream. */
  async peek(count: number): Promise<Bytes> {
    while (this.#buffer.length < count && await this.#fill());
    return this.#buffer.subarray(0, count);
  }

  /** The next bytes: `count` of them, or fewer at the end of the stream. */
  async read(count: number): Promise<Bytes> {
    const bytes = await this.peek(count);
    this.#buffer = this.#buffer.subarray(bytes.length);
    return bytes;
  }

  /** All bytes that have arrived, at least `count` of them unless the stream ends. They stay. */
  async available(count: number): Promise<Bytes> {
    await this.peek(count);
    return this.#buffer;
  }

  /** The next `count` bytes in chunks, or all until the end. */
  async *take(count = Infinity): AsyncGenerator<Bytes> {
    for (let rest = count; rest > 0;) {
      await this.peek(1);
      const chunk = await this.read(Math.min(rest, this.#buffer.length));
      if (chunk.length === 0) return;
      rest -= chunk.length;
      yield chunk;
    }
  }

  /** Drops the next `count` bytes. */
  async skip(count: number): Promise<void> {
    for await (const _ of this.take(count));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  async #fill(): Promise<boolean> {
    if (this.#hasEnded) return false;
    const { done, value } = await this.#next();
    if (done) {
      this.#hasEnded = true;
      return false;
    }
    this.#total += value.length;
    const { maxBytes } = this.#options;
    if (this.#total > maxBytes) {
      throw new Refused("body_too_large", `The file is larger than ${maxBytes} bytes`);
    }
    this.#buffer = this.#buffer.length === 0 ? value : joined(this.#buffer, value);
    return true;
  }

  async #next(): Promise<ReadableStreamReadResult<Bytes>> {
    const { idleMs, bytesPerSecond, runtime } = this.#options;
    const start = runtime.monotonicNow();
    try {
      const read = await deadline(this.#reader.read(), this.#patience, runtime);
      const earned = (read.value?.length ?? 0) / bytesPerSecond * 1_000;
      this.#patience = Math.min(idleMs, this.#patience - runtime.msSince(start) + earned);
      return read;
    } catch (error) {
      const reason = error instanceof TimeoutError ? "was too slow" : "has ended early";
      throw new Refused("invalid_file", `The upload ${reason}: the file is not complete`);
    }
  }
}

/** Several pieces as one. */
export function joined(...pieces: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}
