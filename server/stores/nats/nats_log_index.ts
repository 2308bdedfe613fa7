import { Deque } from "../../base/deque.ts";
import {
  boundsOf,
  type ChannelSize,
  excessOf,
  MAX_MARKS,
  shareOut,
  type Size,
} from "../../core/log/fair_trim.ts";
import type { Retention } from "../../core/model/store.ts";
import { isPrivate, type Topic, topicsOf } from "../../core/model/message.ts";
import { IdList } from "./nats_id_list.ts";
import { subjectParts } from "./nats_subjects.ts";

/** Maximum number of messages that `trim` removes at once: a few milliseconds. */
const TRIM_BATCH = 5_000;

/** Number of removed ids beyond which they are forgotten, if they are also a third of all. */
const MIN_COMPACTED = 1_000;

/** One channel, the size of its messages, and their topics. */
interface ChannelEntry extends ChannelSize {
  readonly subject: string;
  readonly topics: readonly Topic[];
  readonly isPrivate: boolean;
  messages: number;
  bytes: number;
}

/** A message as the stream delivers it. */
export interface IndexedMessage {
  readonly seq: number;
  readonly subject: string;
  readonly at: number;
  readonly bytes: number;
}

/** Messages of a subject that were removed from the index, and must be removed from the stream. */
export interface RemovedRange {
  readonly channel: string;
  readonly subject: string;
  readonly ids: number[];
  /** The lowest and the highest of the ids. */
  from: number;
  upTo: number;
  /** When the newest of these messages was stored: Unix time in ms. */
  at: number;
}

/** Ids in ascending order. */
export interface IdPage {
  readonly ids: readonly number[];
  /** Whether there are more after the last one. */
  readonly hasMore: boolean;
}

/** An index in memory of the messages of a log: the ids of each topic, the size of each channel, and the trimmed marks. */
export class LogIndex {
  readonly #stream: string;
  /** Removed ids that the lists still contain. */
  readonly #removed = new Set<number>();
  /** Columns: the id, the time, the size and the channel of each message. */
  readonly #ids = new IdList(this.#removed);
  #times = new Deque<number>();
  #sizes = new Deque<number>();
  #channels = new Deque<ChannelEntry>();
  readonly #bySubject = new Map<string, ChannelEntry>();
  readonly #byTopic = new Map<Topic, IdList>();
  readonly #totals = { private: { messages: 0, bytes: 0 }, rooms: { messages: 0, bytes: 0 } };
  /** The trimmed mark of each topic, the last trimmed one last. All topics are trimmed up to the floor. */
  readonly #marks = new Map<Topic, number>();
  #floor: number;
  readonly #ranges = new Map<string, RemovedRange>();

  /** Creates an empty index of a stream whose messages up to the id `floor` have been removed. */
  constructor(stream: string, floor: number) {
    this.#stream = stream;
    this.#floor = floor;
  }

  /** The highest id up to which any of `topics` is trimmed. */
  trimmedUpTo(topics: readonly Topic[]): number {
    return topics.reduce((upTo, topic) => Math.max(upTo, this.#marks.get(topic) ?? 0), this.#floor);
  }

  /** The id of the oldest message. */
  get first(): number | undefined {
    return this.#ids.first;
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  /** Adds the next message. */
  add({ seq, subject, at, bytes }: IndexedMessage): void {
    const channel = this.#channelOf(subject);
    this.#resize(channel, { messages: 1, bytes });
    this.#ids.push(seq);
    this.#times.push(at);
    this.#sizes.push(bytes);
    this.#channels.push(channel);
    for (const topic of channel.topics) this.#idsOf(topic).push(seq);
  }

  /** Returns up to `limit` ids of any of `topics` after the id `after`. */
  after(topics: readonly Topic[], after: number, limit: number): IdPage {
    const found = topics.flatMap((topic) =>
      this.#byTopic.get(topic)?.after(after, limit + 1) ?? []
    );
    const ids = topics.length > 1 ? [...new Set(found)].sort((one, other) => one - other) : found;
    return { ids: ids.slice(0, limit), hasMore: ids.length > limit };
  }

  /** Returns up to `limit` ids of one topic below `before`, highest first. */
  before(topic: Topic, before: number, limit: number): readonly number[] {
    return this.#byTopic.get(topic)?.before(before, limit) ?? [];
  }

  /** Returns up to `limit` ids after `after`, of all topics. */
  range(after: number, limit: number): readonly number[] {
    return this.#ids.after(after, limit);
  }

  /** Removes a batch of messages beyond the retention; returns whether there are more to remove. */
  trim(retention: Retention, now: number): boolean {
    let left = TRIM_BATCH;
    while (left > 0 && (this.#times.at(0) ?? Infinity) < now - retention.maxAgeMs) {
      this.remove(this.#ids.first ?? 0);
      left--;
    }
    for (const kind of ["rooms", "private"] as const) {
      const bounds = boundsOf(retention, kind === "private");
      const excess = excessOf(this.#totals[kind], bounds);
      if (excess === undefined || left <= 0) continue;
      const { unit } = excess;
      const amount = unit === "messages" ? Math.min(excess.amount, left) : excess.amount;
      const largest = this.#largest(kind === "private", unit, bounds);
      for (const cut of shareOut(largest, { unit, amount }, left)) {
        const ids = this.#idsOf(cut.channel);
        for (let missing = cut.amount; missing > 0 && left > 0; left--) {
          const bytes = this.remove(ids.first ?? 0);
          missing -= unit === "messages" ? 1 : bytes;
          if (ids.first === undefined) break;
        }
      }
    }
    return left <= 0;
  }

  /** Removes all messages up to an id, which the stream does not have any more. */
  trimUpTo(id: number): void {
    while ((this.#ids.first ?? Infinity) <= id) this.remove(this.#ids.first ?? 0);
  }

  /** Removes the messages of a channel up to an id, and moves its trimmed mark there. */
  trimChannel(channel: string, upTo: number): void {
    const ids = this.#byTopic.get(channel);
    while ((ids?.first ?? Infinity) <= upTo) this.remove(ids?.first ?? 0);
    this.#mark(topicsOf(channel), upTo);
  }

  /** Removes a message, if the index has it; returns its size. */
  remove(id: number): number {
    if (!this.#ids.has(id)) return 0;
    const n = this.#ids.indexOf(id);
    const [channel, at, bytes] = [this.#channels.at(n), this.#times.at(n), this.#sizes.at(n)];
    if (channel === undefined || at === undefined || bytes === undefined) return 0;
    this.#removed.add(id);
    const { subject, topics, channel: address } = channel;
    this.#resize(channel, { messages: -1, bytes: -bytes });
    this.#mark(topics, id);
    const range = this.#ranges.get(subject) ??
      { channel: address, subject, ids: [], from: id, upTo: id, at };
    range.ids.push(id);
    range.from = Math.min(range.from, id);
    range.upTo = Math.max(range.upTo, id);
    range.at = Math.max(range.at, at);
    this.#ranges.set(subject, range);
    for (let shifted = this.#ids.shiftRemoved(); shifted > 0; shifted--) {
      this.#times.shift();
      this.#sizes.shift();
      this.#channels.shift();
    }
    for (const topic of topics) this.#idsOf(topic).shiftRemoved();
    if (channel.messages === 0) this.#bySubject.delete(subject);
    for (const topic of topics) if (this.#idsOf(topic).isEmpty) this.#byTopic.delete(topic);
    if (this.#removed.size > Math.max(MIN_COMPACTED, this.#ids.length / 3)) this.#compact();
    return bytes;
  }

  /** What was removed since the last call. */
  takeRemoved(): readonly RemovedRange[] {
    const ranges = [...this.#ranges.values()];
    this.#ranges.clear();
    return ranges;
  }

  /** The channels of a kind that may have to be cut, the largest first; of the same size, the one with the oldest message. */
  #largest(isPrivate: boolean, unit: keyof Size, bounds: Size): readonly ChannelEntry[] {
    // If all channels had the same size, each would have this one: no smaller channel is cut.
    const smallest = Math.floor(bounds[unit] / this.#bySubject.size);
    const channels = [...this.#bySubject.values()]
      .filter((channel) => channel.isPrivate === isPrivate && channel[unit] >= smallest);
    const oldest = ({ channel }: ChannelEntry) => this.#byTopic.get(channel)?.first ?? 0;
    return channels.sort((one, other) => other[unit] - one[unit] || oldest(one) - oldest(other));
  }

  #mark(topics: readonly Topic[], id: number): void {
    for (const topic of topics) {
      const before = this.#marks.get(topic) ?? 0;
      this.#marks.delete(topic);
      this.#marks.set(topic, Math.max(before, id));
    }
    for (const [topic, upTo] of this.#marks) {
      if (this.#marks.size <= MAX_MARKS) return;
      this.#floor = Math.max(this.#floor, upTo);
      this.#marks.delete(topic);
    }
  }

  #resize(channel: ChannelEntry, { messages, bytes }: Size): void {
    const total = channel.isPrivate ? this.#totals.private : this.#totals.rooms;
    for (const size of [channel, total]) {
      size.messages += messages;
      size.bytes += bytes;
    }
  }

  /** Removes the removed ids from all lists. */
  #compact(): void {
    const [times, sizes, channels] = [this.#times, this.#sizes, this.#channels];
    this.#times = new Deque();
    this.#sizes = new Deque();
    this.#channels = new Deque();
    this.#ids.compact((n) => {
      this.#times.push(times.at(n) ?? 0);
      this.#sizes.push(sizes.at(n) ?? 0);
      const channel = channels.at(n);
      if (channel !== undefined) this.#channels.push(channel);
    });
    for (const ids of this.#byTopic.values()) ids.compact();
    this.#removed.clear();
  }

  #channelOf(subject: string): ChannelEntry {
    let entry = this.#bySubject.get(subject);
    if (entry === undefined) {
      const channel = subjectParts(this.#stream, subject).join(":");
      const topics = topicsOf(channel);
      const size = { messages: 0, bytes: 0 };
      entry = { channel, subject, topics, isPrivate: isPrivate(channel), ...size };
      this.#bySubject.set(subject, entry);
    }
    return entry;
  }

  #idsOf(topic: Topic): IdList {
    let ids = this.#byTopic.get(topic);
    if (ids === undefined) this.#byTopic.set(topic, ids = new IdList(this.#removed));
    return ids;
  }
}
