import { Deque } from "../../base/deque.ts";
import { isChange, withMessage } from "../model/change.ts";
import { encode, type Entry, type Topic, topicsOf } from "../model/message.ts";
import type { Message } from "../../protocol/message.ts";

/** Maximum size of a window. */
export interface WindowBounds {
  readonly messages: number;
  /** Size of the messages as JSON in UTF-8. */
  readonly bytes: number;
}

/** Some entries, in order, and whether more follow. */
export interface WindowPage {
  readonly messages: readonly Entry[];
  readonly more: boolean;
}

/**
 * The newest entries of a log in memory, indexed by topic: reading costs nothing for topics that are not requested. Messages
 * are as they are now, without the deleted ones.
 */
export class RecentWindow {
  readonly #bounds: WindowBounds;
  readonly #messages = new Deque<Entry>();
  readonly #byTopic = new Map<Topic, TopicMessages>();
  /** The messages of the changes in the window, by their ids. */
  readonly #changed = new Map<number, Changed>();
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

  /** Adds the next entry of the log, applies it if it is a change, and removes the oldest ones beyond the bounds. */
  add(message: Entry): void {
    if (message.id > this.#newest + 1) this.#startAfter(message.id - 1);
    this.#newest = message.id;
    if (message.deletedAt !== undefined) return;
    if (message.message !== undefined) this.#apply(message.id, message.message);
    this.#messages.push(message);
    this.#bytes += encode(message).bytes;
    for (const topic of topicsOf(message.channel)) this.#topic(topic).push(message);
    while (this.#messages.length > this.#bounds.messages || this.#bytes > this.#bounds.bytes) {
      this.#evict();
    }
  }

  /** Removes the messages up to an id from memory: some of them may not be read any more. */
  forget(upTo: number): void {
    while ((this.#messages.at(0)?.id ?? Infinity) <= upTo) this.#evict();
    this.#start = Math.max(this.#start, Math.min(upTo, this.#newest));
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

  /** Replaces a message, and removes its content from the change before: readers get what the newest change has. */
  #apply(change: number, message: Message): void {
    const earlier = this.#changed.get(message.id);
    const present = message.deletedAt === undefined ? message : undefined;
    this.#replace(message.id, () => present);
    if (earlier !== undefined) {
      this.#replace(earlier.last, (entry) => withMessage(entry, undefined));
    }
    this.#changed.set(message.id, { message, last: change, count: (earlier?.count ?? 0) + 1 });
    // The log has removed it before the change was read: who has not received it must get a gap, which the store knows of.
    if (message.deletedAt === message.at) this.forget(message.id);
  }

  #replace(id: number, make: (entry: Entry) => Entry | undefined): void {
    const index = indexOf(this.#messages, id);
    const old = this.#messages.at(index);
    if (index < 0 || old === undefined) return;
    const replacement = make(old);
    this.#bytes += (replacement ? encode(replacement).bytes : 0) - encode(old).bytes;
    this.#messages.replace(index, replacement);
    for (const topic of topicsOf(old.channel)) this.#byTopic.get(topic)?.replace(id, replacement);
  }

  #topic(topic: Topic): TopicMessages {
    let indexed = this.#byTopic.get(topic);
    if (indexed === undefined) {
      this.#byTopic.set(topic, indexed = new TopicMessages(this.#changed));
    }
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
    if (oldest.message !== undefined) this.#forgetChange(oldest.message.id);
    for (const topic of topicsOf(oldest.channel)) {
      const indexed = this.#byTopic.get(topic);
      indexed?.shift();
      if (indexed?.length === 0) this.#byTopic.delete(topic);
    }
  }

  /** The oldest change of a message has left the window. */
  #forgetChange(id: number): void {
    const changed = this.#changed.get(id);
    if (changed === undefined) return;
    if (changed.count === 1) this.#changed.delete(id);
    else this.#changed.set(id, { ...changed, count: changed.count - 1 });
  }
}

/** The index of the entry with this id; -1 if there is none. */
function indexOf(entries: Deque<Entry>, id: number): number {
  const index = entries.firstIndex((entry) => entry.id >= id);
  return entries.at(index)?.id === id ? index : -1;
}

const EMPTY: WindowPage = { messages: [], more: false };

/** A message that changes in the window have changed. */
interface Changed {
  /** As it is now. */
  readonly message: Message;
  /** The id of its newest change. */
  readonly last: number;
  /** The number of its changes in the window. */
  readonly count: number;
}

/** The messages of a topic in the window. */
class TopicMessages {
  readonly #changed: ReadonlyMap<number, Changed>;
  readonly #messages = new Deque<Entry>();
  #newest = 0;
  /** The last page that was read: the other readers of a room that wait for a message ask for the same one. */
  #last: WindowPage = EMPTY;
  #lastAfter = 0;
  #lastLimit = 0;

  constructor(changed: ReadonlyMap<number, Changed>) {
    this.#changed = changed;
  }

  get newest(): number {
    return this.#newest;
  }

  get length(): number {
    return this.#messages.length;
  }

  push(message: Entry): void {
    this.#messages.push(message);
    this.#newest = message.id;
    this.#last = EMPTY;
  }

  shift(): void {
    this.#messages.shift();
    // Otherwise it would keep messages in memory that the bounds of the window no longer count.
    this.#last = EMPTY;
  }

  /** Replaces an entry, or removes it. */
  replace(id: number, replacement: Entry | undefined): void {
    this.#messages.replace(indexOf(this.#messages, id), replacement);
    this.#last = EMPTY;
  }

  /** At most `limit` messages after the id `after`. */
  read(after: number, limit: number): WindowPage {
    if (this.#last !== EMPTY && this.#lastAfter === after && this.#lastLimit === limit) {
      return this.#last;
    }
    const first = this.#messages.firstIndex((message) => message.id > after);
    const more = this.#messages.length - first > limit;
    this.#lastAfter = after;
    this.#lastLimit = limit;
    const messages = this.#messages.slice(first, limit);
    const isChanged = messages.some(isChange);
    return this.#last = {
      messages: isChanged ? messages.map((entry) => this.#present(entry)) : messages,
      more,
    };
  }

  /** The entry; a change with its message as it is now. */
  #present(entry: Entry): Entry {
    const now = entry.message && this.#changed.get(entry.message.id)?.message;
    return now === entry.message ? entry : withMessage(entry, now);
  }
}

/** The first `limit` messages of two pages. */
function merge(one: WindowPage, other: WindowPage, limit: number): WindowPage {
  const messages = [...one.messages, ...other.messages].sort(byId);
  const more = one.more || other.more || messages.length > limit;
  return { messages: messages.slice(0, limit), more };
}

function byId(one: Entry, other: Entry): number {
  return one.id - other.id;
}
