import { Deque } from "../../base/deque.ts";
import {
  boundsOf,
  excessOf,
  MAX_MARKS,
  type OwnerSize,
  shareOut,
  type Size,
} from "../../core/log/fair_trim.ts";
import type { Retention } from "../../core/model/store.ts";
import {
  type Kind,
  kindOf,
  KINDS,
  ownerOfChanges,
  type Topic,
  topicsOf,
} from "../../core/model/message.ts";
import { NatsChanges } from "./nats_changes.ts";
import { IdList } from "./nats_id_list.ts";
import type { IdPage, IndexedMessage, RemovedRange } from "./nats_index_entries.ts";
import { subjectParts } from "./nats_subjects.ts";

/** Maximum number of messages that `trim` removes at once: a few milliseconds. */
const TRIM_BATCH = 5_000;

/** Number of removed ids beyond which they are forgotten, if they are also a third of all. */
const MIN_COMPACTED = 1_000;

/** The messages of a channel that have the same owner. */
interface ChannelEntry {
  readonly name: string;
  readonly channel: string;
  readonly subject: string;
  readonly topics: readonly Topic[];
  readonly owner: OwnerEntry;
  /** The topics and the owner. */
  readonly keys: ReadonlySet<Topic>;
  messages: number;
}

/** An owner and the size of its messages. */
interface OwnerEntry extends OwnerSize {
  readonly kind: Kind;
  messages: number;
  bytes: number;
}

/** An index in memory of the messages of a log: the ids of each topic and owner, the sizes of owners, and the trimmed marks. */
export class LogIndex {
  readonly #stream: string;
  readonly #changes: NatsChanges;
  /** Removed ids that the lists still contain. */
  readonly #removed = new Set<number>();
  /** Columns: the id, the time, the size and the channel of each message. */
  readonly #ids = new IdList(this.#removed);
  #times = new Deque<number>();
  #sizes = new Deque<number>();
  #channels = new Deque<ChannelEntry>();
  readonly #entries = new Map<string, ChannelEntry>();
  readonly #owners = new Map<Topic, OwnerEntry>();
  /** By topic and by owner. */
  readonly #byTopic = new Map<Topic, IdList>();
  readonly #totals = {
    private: { messages: 0, bytes: 0 },
    rooms: { messages: 0, bytes: 0 },
    changes: { messages: 0, bytes: 0 },
  };
  /** The trimmed mark of each topic, the last trimmed one last. All topics are trimmed up to the floor. */
  readonly #marks = new Map<Topic, number>();
  #floor: number;
  readonly #ranges = new Map<string, RemovedRange>();

  /** Creates an empty index of a stream whose messages up to the id `floor` have been removed. */
  constructor(stream: string, floor: number, changes = new NatsChanges()) {
    this.#changes = changes;
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
  add({ seq, subject, at, bytes, owner, change }: IndexedMessage): void {
    const channel = this.#entryOf(subject, owner, change !== undefined);
    this.#resize(channel, { messages: 1, bytes });
    this.#ids.push(seq);
    this.#times.push(at);
    this.#sizes.push(bytes);
    this.#channels.push(channel);
    for (const key of channel.keys) this.#idsOf(key).push(seq);
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
    for (const kind of KINDS) {
      const bounds = boundsOf(retention, kind);
      const excess = excessOf(this.#totals[kind], bounds);
      if (excess === undefined || left <= 0) continue;
      const { unit } = excess;
      const amount = unit === "messages" ? Math.min(excess.amount, left) : excess.amount;
      const largest = this.#largest(kind, unit, bounds);
      for (const cut of shareOut(largest, { unit, amount }, left)) {
        const ids = this.#idsOf(cut.owner);
        for (let missing = cut.amount; missing > 0 && left > 0; left--) {
          const bytes = this.remove(ids.first ?? 0);
          missing -= unit === "messages" ? 1 : bytes;
          if (ids.first === undefined) break;
        }
      }
    }
    return left <= 0;
  }

  /** Removes all messages up to an id, which the stream does not have any more, unless a change has their content. */
  trimUpTo(id: number): void {
    if ((this.#ids.first ?? Infinity) > id) return;
    for (const one of this.#ids.before(id + 1, Infinity).reverse()) {
      if ((this.#changes.lastOf(one)?.seq ?? 0) <= id) this.remove(one);
    }
  }

  /** Removes the messages of a channel, or those of one owner in it, up to an id, and moves its trimmed mark there. */
  trimChannel(channel: string, upTo: number, owner?: Topic): void {
    const ids = this.#byTopic.get(channel)?.before(upTo + 1, Infinity) ?? [];
    for (const id of ids) {
      const entry = this.#channels.at(this.#ids.indexOf(id));
      if (owner === undefined || entry?.owner.owner === owner) this.remove(id);
    }
    this.#mark(topicsOf(channel), upTo);
  }

  /** Removes a message, if the index has it, and its last change, or the other way round; returns its size. */
  remove(id: number): number {
    const removed = this.#take(id);
    if (removed === undefined) return 0;
    const { channel: { name, channel, subject, topics, owner: { owner } }, at, bytes } = removed;
    this.#mark(topics, id);
    const range = this.#ranges.get(name) ??
      { channel, subject, owner, ids: [], from: id, upTo: id, at };
    range.ids.push(id);
    range.from = Math.min(range.from, id);
    range.upTo = Math.max(range.upTo, id);
    range.at = Math.max(range.at, at);
    this.#ranges.set(name, range);
    const other = this.#changes.remove(id);
    if (other !== undefined) this.remove(other);
    return bytes;
  }

  /** Removes a message that was deleted, or a change that another one has replaced: no reader misses it. */
  drop(id: number): void {
    this.#take(id);
  }

  /** What was removed since the last call. */
  takeRemoved(): readonly RemovedRange[] {
    const ranges = [...this.#ranges.values()];
    this.#ranges.clear();
    return ranges;
  }

  /** Removes a message from the lists. */
  #take(id: number) {
    if (!this.#ids.has(id)) return undefined;
    const n = this.#ids.indexOf(id);
    const [channel, at, bytes] = [this.#channels.at(n), this.#times.at(n), this.#sizes.at(n)];
    if (channel === undefined || at === undefined || bytes === undefined) return undefined;
    this.#removed.add(id);
    this.#resize(channel, { messages: -1, bytes: -bytes });
    for (let shifted = this.#ids.shiftRemoved(); shifted > 0; shifted--) {
      this.#times.shift();
      this.#sizes.shift();
      this.#channels.shift();
    }
    for (const key of channel.keys) {
      this.#idsOf(key).shiftRemoved();
      if (this.#idsOf(key).isEmpty) this.#byTopic.delete(key);
    }
    if (channel.messages === 0) this.#entries.delete(channel.name);
    if (channel.owner.messages === 0) this.#owners.delete(channel.owner.owner);
    if (this.#removed.size > Math.max(MIN_COMPACTED, this.#ids.length / 3)) this.#compact();
    return { channel, at, bytes };
  }

  /** The owners of a kind that may have to be cut, the largest first; of the same size, the one with the oldest message. */
  #largest(kind: Kind, unit: keyof Size, bounds: Size): readonly OwnerEntry[] {
    // If all owners had the same size, each would have this one: no smaller one is cut.
    const smallest = Math.floor(bounds[unit] / this.#owners.size);
    const owners = [...this.#owners.values()]
      .filter((owner) => owner.kind === kind && owner[unit] >= smallest);
    const oldest = ({ owner }: OwnerEntry) => this.#byTopic.get(owner)?.first ?? 0;
    return owners.sort((one, other) => other[unit] - one[unit] || oldest(one) - oldest(other));
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
    const { owner } = channel;
    const total = this.#totals[owner.kind];
    channel.messages += messages;
    for (const size of [owner, total]) {
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

  #entryOf(subject: string, ownerName: Topic | undefined, isChange: boolean): ChannelEntry {
    const name = `${subject} ${isChange ? "changes" : ownerName ?? ""}`;
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      const channel = subjectParts(this.#stream, subject).join(":");
      const topics = topicsOf(channel);
      const owner = this.#ownerOf(isChange ? ownerOfChanges(channel) : ownerName ?? channel);
      const keys = new Set([...topics, owner.owner]);
      this.#entries.set(name, entry = { name, channel, subject, topics, owner, keys, messages: 0 });
    }
    return entry;
  }

  #ownerOf(owner: Topic): OwnerEntry {
    let entry = this.#owners.get(owner);
    if (entry === undefined) {
      entry = { owner, kind: kindOf(owner), messages: 0, bytes: 0 };
      this.#owners.set(owner, entry);
    }
    return entry;
  }

  #idsOf(topic: Topic): IdList {
    let ids = this.#byTopic.get(topic);
    if (ids === undefined) this.#byTopic.set(topic, ids = new IdList(this.#removed));
    return ids;
  }
}
