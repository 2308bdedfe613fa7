import { type Topic, topicsOf } from "../../core/model/topics.ts";
import { Deque } from "../../base/deque.ts";
import type { Retention } from "../../core/model/store.ts";
import { subjectParts } from "./nats_subjects.ts";

/** So many messages are let go in one step of trimming. */
const STEP = 500;

/** The messages of one channel. */
interface Filing {
  readonly subject: string;
  readonly topics: readonly Topic[];
  count: number;
}

/** Some ids in order, and whether more follow. */
export interface IdPage {
  readonly ids: readonly number[];
  readonly more: boolean;
}

/** Which messages of a log are filed under which topic: numbers alone, in memory, of all that is kept. */
export class LogIndex {
  readonly #stream: string;
  readonly #ids = new Deque<number>();
  readonly #times = new Deque<number>();
  readonly #filings = new Deque<Filing>();
  readonly #bySubject = new Map<string, Filing>();
  readonly #byTopic = new Map<Topic, Deque<number>>();
  #trimmed: number;

  /** An empty index of a stream of which nothing up to the id `trimmed` is kept. */
  constructor(stream: string, trimmed: number) {
    this.#stream = stream;
    this.#trimmed = trimmed;
  }

  /** Messages up to this id are kept no longer. */
  get trimmedUpTo(): number {
    return this.#trimmed;
  }

  /** Files the next message. */
  add(id: number, subject: string, at: number): void {
    const filing = this.#filing(subject);
    filing.count++;
    this.#ids.push(id);
    this.#times.push(at);
    this.#filings.push(filing);
    for (const topic of filing.topics) this.#topic(topic).push(id);
  }

  /** At most `limit` ids filed under any of `topics` after the id `after`. */
  after(topics: readonly Topic[], after: number, limit: number): IdPage {
    const found = topics.flatMap((topic) => {
      const filed = this.#byTopic.get(topic);
      return filed?.slice(filed.firstIndex((id) => id > after), limit + 1) ?? [];
    });
    const ids = topics.length > 1 ? [...new Set(found)].sort((one, other) => one - other) : found;
    return { ids: ids.slice(0, limit), more: ids.length > limit };
  }

  /** At most `limit` ids of one topic below `before`, the highest first. */
  before(topic: Topic, before: number, limit: number): readonly number[] {
    const filed = this.#byTopic.get(topic);
    if (filed === undefined) return [];
    const end = filed.firstIndex((id) => id >= before);
    const start = Math.max(0, end - limit);
    return filed.slice(start, end - start).reverse();
  }

  /** At most `limit` ids after `after`, whatever their topic. */
  range(after: number, limit: number): readonly number[] {
    return this.#ids.slice(this.#ids.firstIndex((id) => id > after), limit);
  }

  /** When the oldest message that is kept was stored: Unix time in ms. */
  get oldestTime(): number | undefined {
    return this.#times.at(0);
  }

  /** Lets a few of those go that `retention` does not keep; says whether there are more. */
  trim({ maxMessages: messages, maxAgeMs: age }: Retention, now: number): boolean {
    for (let n = 0; n < STEP; n++) {
      const isSurplus = this.#ids.length > messages;
      if (!isSurplus && (this.oldestTime ?? Infinity) >= now - age) return false;
      this.#shift();
    }
    return true;
  }

  /** Lets all up to an id go. */
  trimUpTo(upTo: number): void {
    while ((this.#ids.at(0) ?? Infinity) <= upTo) this.#shift();
    this.#trimmed = Math.max(this.#trimmed, upTo);
  }

  #shift(): void {
    const id = this.#ids.shift();
    const filing = this.#filings.shift();
    this.#times.shift();
    if (id === undefined || filing === undefined) return;
    this.#trimmed = id;
    if (--filing.count === 0) this.#bySubject.delete(filing.subject);
    for (const topic of filing.topics) {
      const filed = this.#byTopic.get(topic);
      filed?.shift();
      if (filed?.length === 0) this.#byTopic.delete(topic);
    }
  }

  #filing(subject: string): Filing {
    let filing = this.#bySubject.get(subject);
    if (filing === undefined) {
      const topics = topicsOf(subjectParts(this.#stream, subject).join(":"));
      filing = { subject, topics, count: 0 };
      this.#bySubject.set(subject, filing);
    }
    return filing;
  }

  #topic(topic: Topic): Deque<number> {
    let filed = this.#byTopic.get(topic);
    if (filed === undefined) {
      filed = new Deque();
      this.#byTopic.set(topic, filed);
    }
    return filed;
  }
}
