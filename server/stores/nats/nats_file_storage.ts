import type { FileStorage, StoredBlob } from "../../core/model/file_storage.ts";
import type { ByteRange } from "../../core/model/files.ts";
import { NatsBucket } from "./nats_bucket.ts";
import { ERROR_CODE, hasErrorCode, type JetStream, type JetStreamError } from "./nats_jetstream.ts";
import { readAll } from "./nats_read_all.ts";
import { formatSubject, type StreamNames, subjectParts } from "./nats_subjects.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What is known of a content. It is stored before the first piece is, and again with all pieces. */
interface Head {
  /** Absent while it is being written, and if that was interrupted. */
  readonly whole?: {
    readonly size: number;
    /** The size of all pieces but the last one, in bytes. */
    readonly piece: number;
    /** The numbers of the pieces in the stream. */
    readonly seqs: readonly number[];
  };
}

/** The size of a piece in bytes, as in the object store of NATS: servers accept messages of 1 MiB by default. */
const PIECE = 128 * 1024;

/** Number of pieces that are removed at the same time. */
const PARALLEL = 8;

/** What was not finished for this time in ms, never will be. */
const ABANDONED_MS = 86_400_000;

/** The bucket of the heads, in the stream of records. */
const HEADS = "file";

/**
 * Contents of files in a stream of JetStream: pieces, and a head for each content that says where they are. So all nodes read
 * what one has stored, and a reader gets any piece with one request, from any replica.
 *
 * Why not `@nats-io/obj` 3.4: it reads without backpressure, so that a slow reader has a whole file in the memory of the
 * server; it cannot read a range; a reader whose server fails never ends; a process that ends during an upload leaves
 * pieces that nothing finds; and it removes them by subject, for which NATS 2.9 reads all of the stream.
 */
export class NatsFileStorage implements FileStorage {
  readonly #jetstream: JetStream;
  readonly #stream: string;
  readonly #records: string;
  readonly #heads: NatsBucket<Head>;

  constructor(jetstream: JetStream, { files, records }: StreamNames) {
    this.#jetstream = jetstream;
    this.#stream = files;
    this.#records = records;
    this.#heads = new NatsBucket(jetstream, records, HEADS);
  }

  async put(key: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const seqs: number[] = [];
    let size = 0;
    let isUncertain = false;
    await this.#heads.put(key, {});
    try {
      for await (const piece of inPieces(chunks)) {
        isUncertain = true;
        seqs.push((await this.#jetstream.publish(this.#subject(key), piece)).seq);
        isUncertain = false;
        size += piece.length;
      }
      isUncertain = true;
      await this.#heads.put(key, { whole: { size, piece: PIECE, seqs } });
    } catch (error) {
      // A piece without an answer may still be stored: then, the head stays, for a sweep a day later.
      const cleared = this.#removePieces(seqs);
      await (isUncertain ? cleared : cleared.then(() => this.#heads.remove(key))).catch(() => {});
      // Not a refusal, which would say that it helps to try again soon.
      if (isFull(error)) throw new Error(error.message);
      throw error;
    }
  }

  async has(key: string): Promise<boolean> {
    return (await this.#heads.get(key))?.value.whole !== undefined;
  }

  read(key: string, { start, end }: ByteRange = { start: 0, end: Infinity }) {
    let next = start;
    let whole: Head["whole"];
    return new ReadableStream<Bytes>({
      pull: async (controller) => {
        whole ??= (await this.#heads.get(key))?.value.whole;
        if (whole === undefined) throw new Error(`There is no content "${key}"`);
        const upTo = Math.min(end, whole.size);
        if (next < upTo) {
          const index = Math.floor(next / whole.piece);
          const first = index * whole.piece;
          const piece = await this.#piece(key, whole.seqs[index]);
          const chunk = piece?.slice(next - first, upTo - first);
          if (chunk === undefined || chunk.length === 0) {
            throw new Error(`There is no piece ${index} of the content "${key}"`);
          }
          next += chunk.length;
          controller.enqueue(chunk);
        }
        if (next >= upTo) controller.close();
      },
    }, { highWaterMark: 0 });
  }

  async remove(key: string): Promise<void> {
    const head = (await this.#heads.get(key))?.value;
    if (head === undefined) return;
    const seqs = head.whole?.seqs ?? [];
    // The stream has given the last number to this content, so also those before it. That is not so if an operator has
    // restored an older state of the stream.
    if (await this.#piece(key, seqs.at(-1)) !== undefined) await this.#removePieces(seqs);
    else await this.#jetstream.purge(this.#stream, { filter: this.#subject(key) });
    await this.#heads.remove(key);
  }

  async *list(): AsyncGenerator<StoredBlob> {
    const found: (StoredBlob & { readonly isWhole: boolean })[] = [];
    const [stream, subject] = [this.#records, `${formatSubject(this.#records, HEADS)}.>`];
    await readAll(this.#jetstream, { stream, subject }, ({ subject, at, text }) => {
      const key = subjectParts(this.#records, subject).at(-1) ?? "";
      const { whole }: Head = JSON.parse(text());
      found.push({ key, at, size: whole?.size ?? 0, isWhole: whole !== undefined });
    });
    const abandonedBefore = this.#jetstream.client.runtime.wallNow() - ABANDONED_MS;
    for (const { isWhole, ...blob } of found) {
      if (isWhole) yield blob;
      else if (blob.at < abandonedBefore) await this.remove(blob.key);
    }
  }

  /** A piece of this content; `undefined` if the stream does not have it. */
  async #piece(key: string, seq: number | undefined): Promise<Uint8Array | undefined> {
    const found = seq === undefined ? undefined : await this.#jetstream.getBytes(this.#stream, seq);
    return found?.subject === this.#subject(key) ? found.bytes : undefined;
  }

  /** The last one last: until then, `remove` can be repeated. Their bytes are overwritten. */
  async #removePieces(seqs: readonly number[]): Promise<void> {
    const remove = (seq: number) => this.#jetstream.remove(this.#stream, seq, { erase: true });
    for (let n = 0; n < seqs.length - 1; n += PARALLEL) {
      await Promise.all(seqs.slice(n, Math.min(n + PARALLEL, seqs.length - 1)).map(remove));
    }
    for (const last of seqs.slice(-1)) await remove(last);
  }

  #subject(key: string): string {
    return formatSubject(this.#stream, key);
  }
}

/** Whether the stream, the account or the disks of the servers are full. */
function isFull(error: unknown): error is JetStreamError {
  const { noResources, noStorage, notStored } = ERROR_CODE;
  return [noResources, noStorage, notStored].some((code) => hasErrorCode(error, code));
}

/** The same bytes in pieces of the size {@linkcode PIECE}; the last one can be smaller. */
async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Bytes> {
  let piece = new Uint8Array(PIECE);
  let length = 0;
  for await (const chunk of chunks) {
    for (let taken = 0; taken < chunk.length;) {
      const part = chunk.subarray(taken, taken + PIECE - length);
      piece.set(part, length);
      [taken, length] = [taken + part.length, length + part.length];
      if (length < PIECE) continue;
      yield piece;
      piece = new Uint8Array(PIECE);
      length = 0;
    }
  }
  if (length > 0) yield piece.subarray(0, length);
}
