import { Deque } from "../../base/deque.ts";
import type { Retention } from "../../core/model/store.ts";
import { type Topic, topicsOf } from "../../core/model/topics.ts";
import { subjectParts } from "./nats_subjects.ts";

/** Maximum number of messages that `trim` removes at once. */
const TRIM_BATCH = 500;

/** One channel, the number of its messages, and their topics. */
interface ChannelEntry {
  readonly subject: string;
  readonly topics: readonly Topic[];
  count: number;
}

/** Ids in ascending order. */
export interface IdPage {
  readonly ids: readonly number[];
  /** Whether there are more after the last one. */
  readonly hasMore: boolean;
}

/** An index in memory of the messages of a log: the ids of each topic, and the time of each message. */
export class LogIndex {
  readonly #stream: string;
  /** Three columns: the id, the time and the channel of each message. */
  readonly #ids = new Deque<number>();
  readonly #times = new Deque<number>();
  readonly #channels = new Deque<ChannelEntry>();
  readonly #bySubject = new Map<string, ChannelEntry>();
  readonly #byTopic = new Map<Topic, Deque<number>>();
  #trimmedUpTo: number;

  /** Creates an empty index of a stream whose messages up to the id `trimmedUpTo` have been removed. */
  constructor(stream: string, trimmedUpTo: number) {
    this.#stream = stream;
    this.#trimmedUpTo = trimmedUpTo;
  }

  /** Messages up to this id have been removed. */
  get trimmedUpTo(): number {
    return this.#trimmedUpTo;
  }

  /** Adds the next message. */
  add(id: number, subject: string, at: number): void {
    const channel = this.#channelOf(subject);
    channel.count++;
    this.#ids.push(id);
    this.#times.push(at);
    this.#channels.push(channel);
    for (const topic of channel.topics) this.#idsOf(topic).push(id);
  }

  /** Returns up to `limit` ids of any of `topics` after the id `after`. */
  after(topics: readonly Topic[], after: number, limit: number): IdPage {
    const found = topics.flatMap((topic) => {
      const ids = this.#byTopic.get(topic);
      return ids?.slice(ids.firstIndex((id) => id > after), limit + 1) ?? [];
    });
    const ids = topics.length > 1 ? [...new Set(found)].sort((one, other) => one - other) : found;
    return { ids: ids.slice(0, limit), hasMore: ids.length > limit };
  }

  /** Returns up to `limit` ids of one topic below `before`, highest first. */
  before(topic: Topic, before: number, limit: number): readonly number[] {
    const ids = this.#byTopic.get(topic);
    if (ids === undefined) return [];
    const end = ids.firstIndex((id) => id >= before);
    const start = Math.max(0, end - limit);
    return ids.slice(start, end - start).reverse();
  }

  /** Returns up to `limit` ids after `after`, of all topics. */
  range(after: number, limit: number): readonly number[] {
    return this.#ids.slice(this.#ids.firstIndex((id) => id > after), limit);
  }

  /** When the oldest message was stored: Unix time in ms. */
  get oldestTime(): number | undefined {
    return this.#times.at(0);
  }

  /** Removes a batch of messages beyond the retention; returns whether there are more to remove. */
  trim({ maxMessages, maxAgeMs }: Retention, now: number): boolean {
    for (let n = 0; n < TRIM_BATCH; n++) {
      const isSurplus = this.#ids.length > maxMessages;
      if (!isSurplus && (this.oldestTime ?? Infinity) >= now - maxAgeMs) return false;
      this.#shift();
    }
    return true;
  }

  /** Removes all messages up to an id. */
  trimUpTo(id: number): void {
    while ((this.#ids.at(0) ?? Infinity) <= id) this.#shift();
    this.#trimmedUpTo = Math.max(this.#trimmedUpTo, id);
  }

  #shift(): void {
    const id = this.#ids.shift();
    const channel = this.#channels.shift();
    this.#times.shift();
    if (id === undefined || channel === undefined) return;
    this.#trimmedUpTo = id;
    if (--channel.count === 0) this.#bySubject.delete(channel.subject);
    for (const topic of channel.topics) {
      const ids = this.#byTopic.get(topic);
      ids?.shift();
      if (ids?.length === 0) this.#byTopic.delete(topic);
    }
  }

  #channelOf(subject: string): ChannelEntry {
    let channel = this.#bySubject.get(subject);
    if (channel === undefined) {
      const topics = topicsOf(subjectParts(this.#stream, subject).join(":"));
      channel = { subject, topics, count: 0 };
      this.#bySubject.set(subject, channel);
    }
    return channel;
  }

  #idsOf(topic: Topic): Deque<number> {
    let ids = this.#byTopic.get(topic);
    if (ids === undefined) {
      ids = new Deque();
      this.#byTopic.set(topic, ids);
    }
    return ids;
  }
}
