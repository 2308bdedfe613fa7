import { isChange, isMessage } from "../model/change.ts";
import { encode, type Entry, type Topic, topicsOf } from "../model/message.ts";
import { mergePages, type PageBounds, type Source } from "./merged_pages.ts";
import { type Runtime } from "../../base/runtime.ts";
import { ReadQueue, type StoreRequest } from "./read_queue.ts";
import type { HistoryReply } from "../../protocol/replies.ts";
import type { Change, Message } from "../../protocol/message.ts";
import { RecentWindow, type WindowBounds, type WindowPage } from "./recent_window.ts";
import type { MessageLog } from "../model/store.ts";

/** The next messages and changes of a reader. */
export interface LogPage {
  readonly messages: readonly Message[];
  readonly changes: readonly Change[];
  /** The id up to which the reader has everything once it has these messages. */
  readonly upTo: number;
  /** Whether messages before these may have been removed from the log. */
  readonly gap: boolean;
}

/** How messages after an id are read. */
export interface ReadOptions {
  readonly request: StoreRequest;
  readonly limit?: number | undefined;
  readonly withoutChanges?: boolean;
}

/** Maximum number of messages and changes in a reply, and their maximum size in bytes. */
const PAGE = { messages: 100, bytes: 256 * 1024 } as const;

/** Number of topics that are read at a time: after an id, and backwards. */
const TOPICS = { after: 8, newest: 4 } as const;

/** Number of messages to load into the window at the start, so that returning readers need not read the store. */
const PRELOAD = 1_000;

/** Reads the log after an id: from the recent window in memory if possible, else from the store. */
export class LogReader implements Disposable {
  readonly #log: MessageLog;
  readonly #window: RecentWindow;
  readonly #subscription: Disposable;
  readonly #queue: ReadQueue;
  /** The last page from memory, which most of the readers that are woken together share. */
  #last: { readonly page: WindowPage; readonly upTo: number; readonly result: LogPage } | undefined;

  /** Opens a reader. `onGrowth` is called with the topics of new messages, once they can be read. */
  static async open(
    log: MessageLog,
    options: {
      bounds: WindowBounds;
      onGrowth: (topics: readonly Topic[]) => void;
      runtime: Runtime;
    },
  ): Promise<LogReader> {
    const newest = await log.newestId();
    const window = new RecentWindow(Math.max(0, newest - PRELOAD), options.bounds);
    const subscription = await log.follow(window.newest, (messages) => {
      for (const message of messages) window.add(message);
      options.onGrowth([...new Set(messages.flatMap((message) => topicsOf(message.channel)))]);
    });
    window.reach(newest);
    return new LogReader(log, { window, subscription, runtime: options.runtime });
  }

  private constructor(
    log: MessageLog,
    { window, subscription, runtime }: {
      readonly window: RecentWindow;
      readonly subscription: Disposable;
      readonly runtime: Runtime;
    },
  ) {
    this.#queue = new ReadQueue(runtime);
    this.#log = log;
    this.#window = window;
    this.#subscription = subscription;
  }

  /** The id of the newest message that this process knows of. */
  get newest(): number {
    return this.#window.newest;
  }

  /** Size of the messages in memory, in bytes of JSON. */
  get windowBytes(): number {
    return this.#window.bytes;
  }

  /** Reads what is up to an id from the store alone: some of it was removed from there. */
  forget(upTo: number): void {
    this.#window.forget(upTo);
    this.#last = undefined;
  }

  /** Whether the log contains the id `id`, also if this process has not received it yet. */
  async reaches(id: number): Promise<boolean> {
    return id <= this.#window.newest || id <= await this.#log.newestId(id);
  }

  /**
   * The messages of `topics` after the id `after`, oldest first, if they are in memory. The same object for the next reader
   * whose page is the same.
   */
  recent(topics: readonly Topic[], after: number): LogPage | undefined {
    const page = this.#window.read(topics, after, PAGE.messages);
    if (page === undefined) return undefined;
    const upTo = Math.max(this.#window.newest, after);
    if (this.#last?.page !== page || this.#last.upTo !== upTo) {
      this.#last = { page, upTo, result: logPageOf(page, upTo, false) };
    }
    return this.#last.result;
  }

  /**
   * The messages of `topics` after the id `after`, oldest first; from the store, at most `limit` of them, and without changes
   * if they are not needed: so that very many of them cost little.
   */
  async read(topics: readonly Topic[], after: number, options: ReadOptions): Promise<LogPage> {
    return this.recent(topics, after) ?? await this.#stored(topics, after, options);
  }

  /** The newest messages of `topics`, for a reader whose cursor does not belong to this log. */
  async readNewest(topics: readonly Topic[], request: StoreRequest): Promise<LogPage> {
    const upTo = this.#window.newest;
    const sources = portionsOf(topics, TOPICS.newest)
      .map((some) => this.#backwards(some, upTo + 1, request));
    const { messages } = await mergePages(sources, "newest", PAGE);
    return { messages: messages.toReversed(), changes: NO_CHANGES, upTo, gap: true };
  }

  /** At most `limit` messages of a topic with ids below `before`, newest first, as many as fit into one reply. */
  async history(
    topic: Topic,
    { before, limit }: { before?: number | undefined; limit: number },
    request: StoreRequest,
  ): Promise<HistoryReply> {
    const bounds: PageBounds = { ...PAGE, messages: limit };
    // This node may be behind another one, from which the reader has a cursor: what it passes comes from here.
    if (before === undefined) await this.#log.newestId();
    return await mergePages([this.#backwards([topic], before, request)], "newest", bounds);
  }

  /** At most `limit` messages of a topic with ids above `after`, those next to it, newest first. */
  async historyAfter(
    topic: Topic,
    { after, limit }: { readonly after: number; readonly limit: number },
    request: StoreRequest,
  ): Promise<HistoryReply> {
    // As for the newest ones.
    await this.#log.newestId();
    const source: Source = {
      width: 1,
      read: async (last, count) => {
        const start = last?.id ?? after;
        const page = await this.#queue.read(request, () => this.#log.read([topic], start, count));
        return { messages: page.messages, more: page.hasMore };
      },
    };
    const bounds: PageBounds = { ...PAGE, messages: limit, withoutChanges: true };
    const { messages, more } = await mergePages([source], "oldest", bounds);
    return { messages: messages.toReversed(), more };
  }

  /** Calls `read` when it is the turn of its request: for reads of the store that may take long. */
  inTurn<T>(request: StoreRequest, read: () => Promise<T>): Promise<T> {
    return this.#queue.read(request, read);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  async #stored(
    topics: readonly Topic[],
    after: number,
    { request, limit = PAGE.messages, withoutChanges = false }: ReadOptions,
  ): Promise<LogPage> {
    // Before reading: what is appended while the store reads belongs to the next page.
    const newest = Math.max(this.#window.newest, after);
    let gap = false;
    const sourceOf = (some: readonly Topic[]): Source => ({
      width: 1,
      read: async (last, limit) => {
        const start = last?.id ?? after;
        const page = await this.#queue.read(request, () => this.#log.read(some, start, limit));
        gap ||= start < page.trimmedUpTo;
        // The store can see a later message and miss an earlier one of another topic, which the cursor must not pass.
        const messages = page.messages.filter(({ id }) => id <= newest);
        return { messages, more: page.hasMore && messages.length === page.messages.length };
      },
    });
    const sources = portionsOf(topics, TOPICS.after).map(sourceOf);
    const page = await mergePages(sources, "oldest", { ...PAGE, messages: limit, withoutChanges });
    return logPageOf(page, newest, gap);
  }

  /** The messages of `topics` with ids below `before`, newest first. */
  #backwards(topics: readonly Topic[], before: number | undefined, request: StoreRequest): Source {
    return {
      width: topics.length,
      read: async (last, limit) => {
        const below = last?.id ?? before;
        const found = await this.#queue.read(
          request,
          () => Promise.all(topics.map((topic) => this.#log.history(topic, below, limit))),
        );
        const all = found.flat().sort((one, other) => other.id - one.id);
        const more = all.length > limit || found.some(({ length }) => length === limit);
        return { messages: all.slice(0, limit), more };
      },
    };
  }
}

function portionsOf<T>(items: readonly T[], size: number): (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, n) => items.slice(n * size, (n + 1) * size));
}

function logPageOf({ messages, more }: WindowPage, newest: number, gap: boolean): LogPage {
  const page = withinPage(messages);
  const last = page.at(-1)?.id ?? 0;
  const isCut = more || page.length < messages.length;
  const upTo = isCut ? last : Math.max(newest, last);
  // Few pages have changes.
  if (page.every(isMessage)) return { messages: page, changes: NO_CHANGES, upTo, gap };
  return { messages: page.filter(isMessage), changes: page.filter(isChange), upTo, gap };
}

const NO_CHANGES: readonly Change[] = [];

/** As many of the first messages as fit into one reply, at least one. */
function withinPage(messages: readonly Entry[]): Entry[] {
  const page: Entry[] = [];
  let bytes = 0;
  for (const message of messages) {
    bytes += encode(message).bytes;
    if (page.length === PAGE.messages || (page.length > 0 && bytes > PAGE.bytes)) break;
    page.push(message);
  }
  return page;
}
