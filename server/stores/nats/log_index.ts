import { type Topic, topicsOf } from "../../core/channel.ts";
import { Deque } from "../../core/deque.ts";

/**
 * Knows, in memory, which messages of a log are filed under which topics: about 50 bytes a message. Ids are dense from
 * the first that is kept.
 */
export class LogIndex {
  readonly #byTopic = new Map<Topic, Deque<number>>();
  /** Of the messages after `trimmed`. */
  readonly #channels = new Deque<string>();
  /** In whole seconds, of the messages after `purged`. */
  readonly #times = new Deque<number>();
  #newest: number;
  #trimmed: number;
  #purged: number;

  /** An empty index of a stream that keeps nothing up to `purged`. */
  constructor(purged: number) {
    this.#newest = this.#trimmed = this.#purged = purged;
  }

  get newest(): number {
    return this.#newest;
  }

  /** Up to here nothing is filed. */
  get trimmed(): number {
    return this.#trimmed;
  }

  /** Up to here the stream keeps nothing. */
  get purged(): number {
    return this.#purged;
  }

  /** Files the next message. Where ids are left out, all before it are gone from the stream. */
  add(id: number, channel: string, at: number): void {
    if (id !== this.#newest + 1) this.#startAt(id);
    this.#newest = id;
    this.#channels.push(channel);
    this.#times.push(Math.floor(at / 1_000));
    for (const topic of topicsOf(channel)) {
      const filed = this.#byTopic.get(topic);
      if (filed !== undefined) filed.push(id);
      else this.#byTopic.set(topic, dequeOf(id));
    }
  }

  /** At most `limit` ids filed under any of `topics` after the id `after`, lowest first. */
  after(topics: readonly Topic[], after: number, limit: number): readonly number[] {
    const found = topics.flatMap((topic) => {
      const filed = this.#byTopic.get(topic);
      return filed?.slice(filed.firstIndex((id) => id > after), limit) ?? [];
    });
    return [...new Set(found)].sort((one, other) => one - other).slice(0, limit);
  }

  /** At most `limit` ids filed under a topic below `before`, highest first. */
  before(topic: Topic, before: number, limit: number): readonly number[] {
    const filed = this.#byTopic.get(topic);
    if (filed === undefined) return [];
    const end = filed.firstIndex((id) => id >= before);
    const start = Math.max(0, end - limit);
    return filed.slice(start, end - start).reverse();
  }

  /** Takes out at most `limit` of the oldest: those beyond the newest `messages`, and those from before `time`. */
  trim({ messages, time, limit }: { messages: number; time: number; limit: number }): boolean {
    let count = 0;
    while (count < limit && this.#isOld(this.#trimmed + 1, messages, time)) {
      this.#unfile();
      count += 1;
    }
    return count === limit;
  }

  /** The last of those that are taken out and from before `time`. */
  purgeable(time: number): number {
    let last = this.#purged;
    while (last < this.#trimmed && this.#timeOf(last + 1) < time) last += 1;
    return last;
  }

  /** To be called when the stream keeps nothing up to `id` any more. */
  notePurged(id: number): void {
    for (; this.#purged < id; this.#purged += 1) this.#times.shift();
  }

  #isOld(id: number, messages: number, time: number): boolean {
    if (id > this.#newest) return false;
    return id <= this.#newest - messages || this.#timeOf(id) < time;
  }

  #timeOf(id: number): number {
    return (this.#times.at(id - this.#purged - 1) ?? 0) * 1_000;
  }

  #unfile(): void {
    this.#trimmed += 1;
    for (const topic of topicsOf(this.#channels.shift() ?? "")) {
      const filed = this.#byTopic.get(topic);
      filed?.shift();
      if (filed?.length === 0) this.#byTopic.delete(topic);
    }
  }

  #startAt(id: number): void {
    while (this.#trimmed < this.#newest) this.#unfile();
    this.notePurged(this.#newest);
    this.#trimmed = this.#purged = id - 1;
  }
}

function dequeOf(id: number): Deque<number> {
  const deque = new Deque<number>();
  deque.push(id);
  return deque;
}
