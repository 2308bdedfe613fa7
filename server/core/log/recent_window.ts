import { Deque } from "../../base/deque.ts";
import { encode, type Topic, topicsOf } from "../model/message.ts";
import { type Message } from "../../protocol/message.ts";

/** Maximum size of a window. */
export interface WindowBounds {
  readonly messages: number;
  /** Size of the messages as JSON in UTF-8. */
  readonly bytes: number;
}

/** Some messages, in order, and whether more follow. */
export interface WindowPage {
  readonly messages: readonly Message[];
  readonly more: boolean;
}

/** The newest messages of a log in memory, indexed by topic: reading costs nothing for topics that are not requested. */
export class RecentWindow {
  readonly #bounds: WindowBounds;
  readonly #messages = new Deque<Message>();
  readonly #byTopic = new Map<Topic, TopicMessages>();
  #bytes = 0;
  #start: number;
  #newest: number;

  /** An empty window of a log whose newest message is `newest`. */
  constructor(newest: number, bounds: WindowBounds) {
    this.#start = newest;
    this.#newest = newest;
    this.#bounds = bounds;
  }

  /** Every message after this id is in the window. */
  get start(): number {
    return this.#start;
  }

  /** The id of the newest message. */
  get newest(): number {
    return this.#newest;
  }

  /** Size of the messages in the window, in bytes of JSON. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the next message of the log, and removes the oldest ones beyond the bounds. */
  add(message: Message): void {
    if (message.id > this.#newest + 1) this.#startAfter(message.id - 1);
    this.#messages.push(message);
    this.#newest = message.id;
    this.#bytes += encode(message).bytes;
    for (const topic of topicsOf(message.channel)) this.#topic(topic).push(message);
    while (this.#messages.length > this.#bounds.messages || this.#bytes > this.#bounds.bytes) {
      this.#evict();
    }
  }

  /** Moves the end of the log to an id that may have been removed from the store already. */
  reach(newest: number): void {
    if (newest <= this.#newest) return;
    this.#startAfter(newest);
    this.#newest = newest;
  }

  /**
   * At most `limit` messages of `topics` after the id `after`; `undefined` where the window starts later. Often the same
   * object as for the last reader of a topic.
   */
  read(topics: readonly Topic[], after: number, limit: number): WindowPage | undefined {
    if (after < this.#start) return undefined;
    let found: WindowPage = EMPTY;
    for (const topic of topics) {
      const indexed = this.#byTopic.get(topic);
      if (indexed === undefined || indexed.newest <= after) continue;
      const page = indexed.read(after, limit);
      found = found === EMPTY ? page : merge(found, page, limit);
    }
    return found;
  }

  #topic(topic: Topic): TopicMessages {
    let indexed = this.#byTopic.get(topic);
    if (indexed === undefined) this.#byTopic.set(topic, indexed = new TopicMessages());
    return indexed;
  }

  /** The log skips ids that this process never received: the window must start after them. */
  #startAfter(id: number): void {
    while (this.#messages.length > 0) this.#evict();
    this.#start = id;
  }

  #evict(): void {
    const oldest = this.#messages.shift();
    if (oldest === undefined) return;
    this.#start = oldest.id;
    this.#bytes -= encode(oldest).bytes;
    for (const topic of topicsOf(oldest.channel)) {
      const indexed = this.#byTopic.get(topic);
      indexed?.shift();
      if (indexed?.length === 0) this.#byTopic.delete(topic);
    }
  }
}

const EMPTY: WindowPage = { messages: [], more: false };

/** The messages of a topic in the window. */
class TopicMessages {
  readonly #messages = new Deque<Message>();
  #newest = 0;
  /** The last page that was read: the other readers of a room that wait for a message ask for the same one. */
  #last: WindowPage = EMPTY;
  #lastAfter = 0;
  #lastLimit = 0;

  get newest(): number {
    return this.#newest;
  }

  get length(): number {
    return this.#messages.length;
  }

  push(message: Message): void {
    this.#messages.push(message);
    this.#newest = message.id;
    this.#last = EMPTY;
  }

  shift(): void {
    this.#messages.shift();
    // Otherwise it would keep messages in memory that the bounds of the window no longer count.
    this.#last = EMPTY;
  }

  /** At most `limit` messages after the id `after`, at least one: `newest` is later. */
  read(after: number, limit: number): WindowPage {
    if (this.#last !== EMPTY && this.#lastAfter === after && this.#lastLimit === limit) {
      return this.#last;
    }
    const first = this.#messages.firstIndex((message) => message.id > after);
    const more = this.#messages.length - first > limit;
    this.#lastAfter = after;
    this.#lastLimit = limit;
    return this.#last = { messages: this.#messages.slice(first, limit), more };
  }
}

/** The first `limit` messages of two pages. */
function merge(one: WindowPage, other: WindowPage, limit: number): WindowPage {
  const messages = [...one.messages, ...other.messages].sort(byId);
  const more = one.more || other.more || messages.length > limit;
  return { messages: messages.slice(0, limit), more };
}

function byId(one: Message, other: Message): number {
  return one.id - other.id;
}
