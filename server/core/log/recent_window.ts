import { type Topic, topicsOf } from "../model/topics.ts";
import { Deque } from "./deque.ts";
import { encode } from "../model/message.ts";
import { type Message } from "../../protocol/message.ts";

/** How much a window may hold. */
export interface WindowBounds {
  readonly messages: number;
  /** Of the messages as JSON in UTF-8. */
  readonly bytes: number;
}

/** Some messages, in order, and whether more follow. */
export interface WindowPage {
  readonly messages: readonly Message[];
  readonly more: boolean;
}

/** The newest messages of a log, in memory, within bounds. Reading costs nothing for topics that are not asked for. */
export class RecentWindow {
  readonly #bounds: WindowBounds;
  readonly #messages = new Deque<Message>();
  readonly #byTopic = new Map<Topic, Deque<Message>>();
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

  /** What the window holds, in bytes of JSON. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the next message of the log in, and lets the oldest go where a bound is passed. */
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

  /** At most `limit` messages filed under `topics` after the id `after`; `undefined` where the window starts later. */
  read(topics: readonly Topic[], after: number, limit: number): WindowPage | undefined {
    if (after < this.#start) return undefined;
    let found: Message[] | undefined;
    for (const topic of topics) {
      const filed = this.#byTopic.get(topic);
      if (filed === undefined || (filed.at(-1)?.id ?? 0) <= after) continue;
      // One more than wanted, to know whether more follow.
      const later = filed.slice(filed.firstIndex((message) => message.id > after), limit + 1);
      found = found === undefined ? later : [...found, ...later].sort(byId).slice(0, limit + 1);
    }
    if (found === undefined) return NOTHING;
    const more = found.length > limit;
    return { messages: more ? found.slice(0, limit) : found, more };
  }

  #topic(topic: Topic): Deque<Message> {
    let filed = this.#byTopic.get(topic);
    if (filed === undefined) {
      filed = new Deque();
      this.#byTopic.set(topic, filed);
    }
    return filed;
  }

  /** The log has let go of messages that this process was never told of: what is before them is worth nothing. */
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
      const filed = this.#byTopic.get(topic);
      filed?.shift();
      if (filed?.length === 0) this.#byTopic.delete(topic);
    }
  }
}

const NOTHING: WindowPage = { messages: [], more: false };

function byId(one: Message, other: Message): number {
  return one.id - other.id;
}
