import { mapInPortions } from "../../base/in_portions.ts";
import { type Topic, topicsOf } from "../model/topics.ts";
import { encode } from "../model/message.ts";
import type { HistoryReply } from "../../protocol/replies.ts";
import { type Message } from "../../protocol/message.ts";
import { RecentWindow, type WindowBounds, type WindowPage } from "./recent_window.ts";
import type { MessageLog } from "../model/store.ts";

/** The next messages of a reader. */
export interface LogPage {
  readonly messages: readonly Message[];
  /** The id up to which the reader has everything once it has these messages. */
  readonly upTo: number;
  /** Whether messages before these may have been removed from the log. */
  readonly gap: boolean;
}

/** Maximum number of messages in a reply, and their maximum size in bytes. */
const PAGE = { messages: 100, bytes: 256 * 1024 } as const;

/** About how many messages are read for the newest page of many topics, and of how many topics at a time. */
const NEWEST_ROWS = 2_000;
const TOPICS_PORTION = 8;

/** Number of messages of a channel's history that are read at a time. */
const HISTORY_PORTION = 25;

/** Number of messages to load into the window at the start, so that returning readers need not read the store. */
const PRELOAD = 1_000;

/** Reads the log after an id: from the recent window in memory if possible, else from the store. */
export class LogReader implements Disposable {
  readonly #log: MessageLog;
  readonly #window: RecentWindow;
  readonly #subscription: Disposable;

  /** Opens a reader. `onGrowth` is called with the topics of new messages, once they can be read. */
  static async open(
    log: MessageLog,
    options: { bounds: WindowBounds; onGrowth: (topics: readonly Topic[]) => void },
  ): Promise<LogReader> {
    const start = Math.max(0, await log.newestId() - PRELOAD);
    const { trimmedUpTo } = await log.read([], start, 0);
    const window = new RecentWindow(Math.max(start, trimmedUpTo), options.bounds);
    const subscription = await log.follow(window.newest, (messages) => {
      for (const message of messages) window.add(message);
      options.onGrowth([...new Set(messages.flatMap((message) => topicsOf(message.channel)))]);
    });
    return new LogReader(log, window, subscription);
  }

  private constructor(log: MessageLog, window: RecentWindow, subscription: Disposable) {
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

  /** Whether the log contains the id `id`, also if this process has not received it yet. */
  async reaches(id: number): Promise<boolean> {
    return id <= this.#window.newest || id <= await this.#log.newestId();
  }

  /** The messages of `topics` after the id `after`, oldest first. */
  read(topics: readonly Topic[], after: number): LogPage | Promise<LogPage> {
    // Before reading: what is appended while the store reads belongs to the next page.
    const newest = Math.max(this.#window.newest, after);
    const page = this.#window.read(topics, after, PAGE.messages);
    return page ? logPageOf(page, newest, false) : this.#readStore(topics, after, newest);
  }

  /**
   * The newest messages of `topics`, for a reader whose cursor does not belong to this log. Of many topics, only the newest
   * few messages of each are read.
   */
  async readNewest(topics: readonly Topic[]): Promise<LogPage> {
    const upTo = this.#window.newest;
    const limit = Math.min(PAGE.messages, Math.ceil(NEWEST_ROWS / topics.length));
    const found = await mapInPortions(
      topics,
      TOPICS_PORTION,
      (topic) => this.#log.history(topic, upTo + 1, limit),
    );
    const newestFirst = found.flat().sort((one, other) => other.id - one.id);
    const messages = withinPage(newestFirst).reverse();
    return { messages, upTo, gap: true };
  }

  /** At most `limit` messages of a topic with ids below `before`, newest first, as many as fit into one reply. */
  async history(
    topic: Topic,
    { before, limit }: { before?: number | undefined; limit: number },
  ): Promise<HistoryReply> {
    const found: Message[] = [];
    while (found.length <= limit) {
      const size = Math.min(HISTORY_PORTION, limit + 1 - found.length);
      const portion = await this.#log.history(topic, found.at(-1)?.id ?? before, size);
      found.push(...portion);
      if (portion.length < size) break;
      if (withinPage(found).length < found.length) break;
    }
    const messages = withinPage(found.slice(0, limit));
    return { messages, more: found.length > messages.length };
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  async #readStore(topics: readonly Topic[], after: number, newest: number): Promise<LogPage> {
    const page = await this.#log.read(topics, after, PAGE.messages);
    // A store may read one topic after another: of the messages appended meanwhile, it can see a later one and miss an
    // earlier one, which the cursor must not pass.
    const messages = page.messages.filter(({ id }) => id <= newest);
    const more = page.hasMore && messages.length === page.messages.length;
    return logPageOf({ messages, more }, newest, after < page.trimmedUpTo);
  }
}

function logPageOf({ messages, more }: WindowPage, newest: number, gap: boolean): LogPage {
  const page = withinPage(messages);
  const last = page.at(-1)?.id ?? 0;
  const isCut = more || page.length < messages.length;
  return { messages: page, upTo: isCut ? last : Math.max(newest, last), gap };
}

/** As many of the first messages as fit into one reply, at least one. */
function withinPage(messages: readonly Message[]): Message[] {
  const page: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    bytes += encode(message).bytes;
    if (page.length === PAGE.messages || (page.length > 0 && bytes > PAGE.bytes)) break;
    page.push(message);
  }
  return page;
}
