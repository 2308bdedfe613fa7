import { isMessage } from "../model/change.ts";
import { encode, type Entry } from "../model/message.ts";
import type { WindowPage } from "./recent_window.ts";

/** Entries of some topics in order, which are read one portion after another. */
export interface Source {
  /** Number of messages that are read at most, for each one of the limit. */
  readonly width: number;
  /** Reads the next messages after the last one that was read. */
  readonly read: (last: Entry | undefined, limit: number) => Promise<WindowPage>;
}

/** Maximum size of a page. */
export interface PageBounds {
  readonly messages: number;
  /** At least one message is on the page, whatever its size. */
  readonly bytes: number;
  /** Whether changes are left out, as they are from histories. */
  readonly withoutChanges?: boolean;
}

/** Number of messages in the first portion of a source, when nothing is known of their size. */
const FIRST_PORTION = 4;

/** Size of a portion in bytes, as far as it can be foreseen from the messages before. */
const PORTION_BYTES = 64 * 1024;

/**
 * One page of the entries of several sources, in the order of their ids: `oldest` first, for readers that follow the log, or
 * `newest` first, for histories, which have no changes. Deleted messages are left out. Reads a small portion of each
 * source, and more only of those that the page needs more of: so no portion takes long, however large messages are.
 */
export async function mergePages(
  sources: readonly Source[],
  order: "oldest" | "newest",
  bounds: PageBounds,
): Promise<WindowPage> {
  const withoutChanges = bounds.withoutChanges ?? order === "newest";
  const streams = sources.map((source) => new Stream(source));
  const messages: Entry[] = [];
  let bytes = 0;
  for (;;) {
    let next: Stream | undefined;
    for (const stream of streams) {
      if (stream.isEmpty) await stream.fill(bounds.messages + 1 - messages.length);
      if (stream.isBefore(next, order)) next = stream;
    }
    const message = next?.head;
    if (next === undefined || message === undefined) return { messages, more: false };
    if (message.deletedAt !== undefined || withoutChanges && !isMessage(message)) {
      next.skip();
      continue;
    }
    const isSame = message.id === messages.at(-1)?.id;
    bytes += isSame ? 0 : encode(message).bytes;
    const isFull = messages.length === bounds.messages ||
      messages.length > 0 && bytes > bounds.bytes;
    if (isFull && !isSame) return { messages, more: true };
    if (!isSame) messages.push(message);
    next.advance();
  }
}

/** What was read of a source and is not on the page yet. */
class Stream {
  readonly #source: Source;
  #messages: readonly Entry[] = [];
  #index = 0;
  #hasMore = true;
  #read = { messages: 0, bytes: 0 };
  #skipped = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Whether more of the source must be read to know its next message. */
  get isEmpty(): boolean {
    return this.#hasMore && this.head === undefined;
  }

  get head(): Entry | undefined {
    return this.#messages[this.#index];
  }

  advance(): void {
    this.#index++;
  }

  /** The next message does not belong on the page. */
  skip(): void {
    this.#skipped++;
    this.advance();
  }

  isBefore(other: Stream | undefined, order: "oldest" | "newest"): boolean {
    if (this.head === undefined) return false;
    if (other?.head === undefined) return true;
    return order === "oldest" ? this.head.id < other.head.id : this.head.id > other.head.id;
  }

  /**
   * Reads the next portion, with at most `limit` messages and as many as were skipped so far: where thousands of messages
   * were deleted, the portions grow.
   */
  async fill(limit: number): Promise<void> {
    const { messages, bytes } = this.#read;
    const size = messages === 0 ? FIRST_PORTION : PORTION_BYTES * messages / bytes;
    const needed = limit + this.#skipped;
    const count = Math.max(1, Math.min(needed, Math.floor(size / this.#source.width)));
    const page = await this.#source.read(this.#messages.at(-1), count);
    const added = page.messages.reduce((sum, message) => sum + encode(message).bytes, 0);
    this.#messages = page.messages;
    this.#index = 0;
    this.#hasMore = page.more && page.messages.length > 0;
    this.#read = { messages: messages + page.messages.length, bytes: bytes + added };
  }
}
