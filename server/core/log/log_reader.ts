import { type Topic, topicsOf } from "../model/topics.ts";
import { encode } from "../model/message.ts";
import { type Message } from "../../protocol/message.ts";
import { RecentWindow, type WindowBounds, type WindowPage } from "./recent_window.ts";
import type { MessageLog } from "../model/store.ts";

/** What a reader is given: the messages after its place, and its new place. */
export interface Reading {
  readonly messages: readonly Message[];
  /** The id up to which the reader has now been served. */
  readonly place: number;
  /** Whether messages after the reader's old place are kept no longer. */
  readonly gap: boolean;
}

/** A reply holds at most so many messages, and so many bytes of them. */
const PAGE = { messages: 100, bytes: 256 * 1024 } as const;

/** So many messages are brought into the window when it is opened, so that a restart need not read for each reader. */
const PRELOAD = 1_000;

/** Reads the log after a place: from the recent window where it can, from the store where it must. */
export class LogReader implements Disposable {
  readonly #log: MessageLog;
  readonly #window: RecentWindow;
  readonly #following: Disposable;

  /** Opens a reader; `onGrowth` is told the topics of each new message, after the message can be read. */
  static async open(
    log: MessageLog,
    options: { bounds: WindowBounds; onGrowth: (topics: readonly Topic[]) => void },
  ): Promise<LogReader> {
    const start = Math.max(0, await log.newestId() - PRELOAD);
    const { trimmedUpTo: trimmed } = await log.read([], start, 0);
    const window = new RecentWindow(Math.max(start, trimmed), options.bounds);
    const following = await log.follow(window.newest, (messages) => {
      for (const message of messages) window.add(message);
      options.onGrowth([...new Set(messages.flatMap((message) => topicsOf(message.channel)))]);
    });
    return new LogReader(log, window, following);
  }

  private constructor(log: MessageLog, window: RecentWindow, following: Disposable) {
    this.#log = log;
    this.#window = window;
    this.#following = following;
  }

  /** The newest id that this process knows of. */
  get newest(): number {
    return this.#window.newest;
  }

  /** Bytes held in memory. */
  get windowBytes(): number {
    return this.#window.bytes;
  }

  /** Whether the log has grown as far as `id`, in this process or elsewhere. */
  async reaches(id: number): Promise<boolean> {
    return id <= this.#window.newest || id <= await this.#log.newestId();
  }

  /** The messages of `topics` after the place `after`, oldest first. */
  read(topics: readonly Topic[], after: number): Reading | Promise<Reading> {
    // What is newest is asked before reading: what is appended while the store reads belongs to the next reading.
    const newest = Math.max(this.#window.newest, after);
    const page = this.#window.read(topics, after, PAGE.messages);
    return page ? readingOf(page, newest, false) : this.#readStore(topics, after, newest);
  }

  /** The newest messages of `topics`, and the newest place: for a reader whose place is worth nothing. */
  async readNewest(topics: readonly Topic[]): Promise<Reading> {
    const place = this.#window.newest;
    const found = await Promise.all(
      topics.map((topic) => this.#log.history(topic, place + 1, PAGE.messages)),
    );
    const newestFirst = found.flat().sort((one, other) => other.id - one.id);
    const messages = withinPage(newestFirst).reverse();
    return { messages, place, gap: true };
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
  }

  async #readStore(topics: readonly Topic[], after: number, newest: number): Promise<Reading> {
    const page = await this.#log.read(topics, after, PAGE.messages);
    // A store may look at one topic after the other: of what came meanwhile it may have seen a later message, and
    // missed an earlier one. The place must not pass that.
    const messages = page.messages.filter(({ id }) => id <= newest);
    const more = page.hasMore && messages.length === page.messages.length;
    return readingOf({ messages, more }, newest, after < page.trimmedUpTo);
  }
}

function readingOf({ messages, more }: WindowPage, newest: number, gap: boolean): Reading {
  const given = withinPage(messages);
  const last = given.at(-1)?.id ?? 0;
  const isCut = more || given.length < messages.length;
  return { messages: given, place: isCut ? last : Math.max(newest, last), gap };
}

/** As many of the first messages as one reply may hold; one at least. */
function withinPage(messages: readonly Message[]): Message[] {
  const given: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    bytes += encode(message).bytes;
    if (given.length === PAGE.messages || (given.length > 0 && bytes > PAGE.bytes)) break;
    given.push(message);
  }
  return given;
}
