import { later, type MonotonicTime } from "../../base/clock.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import type { Signal } from "../../protocol/signal.ts";
import { isForOwnTabs, type Topic } from "../model/message.ts";

/** How long a signal is offered, in ms. Typing is soon over; the others must outlast the longest poll. */
const LIFETIME = {
  typing: 5_000,
  presence: 60_000,
  read: 60_000,
  delivered: 60_000,
  closed: 60_000,
  renamed: 60_000,
  settings: 60_000,
} as const satisfies Record<Signal["type"], number>;

/**
 * How much later than this worker another one can receive a signal, in ms. Within that time a reader may be sent one twice,
 * which does no harm: a signal says what is the case.
 */
const CROSSING_MS = 50;

/** Maximum number of signals per topic; the oldest are dropped. */
const PER_TOPIC = 50;

/** Maximum number of topics with signals, and with signals of one session; the oldest are dropped. */
const TOPICS = { total: 20_000, perSession: 512 } as const;

interface PostedSignal {
  /** Signals are numbered in the order in which this process received them. */
  readonly number: number;
  readonly signal: Signal;
  readonly expires: MonotonicTime;
}

/** Offers signals to the readers of their topics for a short time. Best effort: a signal can be lost. */
export class SignalBoard {
  /** The topic that got its first signal longest ago comes first. */
  readonly #byTopic = new Map<Topic, PostedSignal[]>();
  /** The topics with signals of a session; the one with the oldest signal comes first. */
  readonly #bySession = new Map<string, Set<Topic>>();
  readonly #runtime: Runtime;
  #newest = 0;

  constructor(runtime: Runtime = SYSTEM_RUNTIME) {
    this.#runtime = runtime;
  }

  /** The number of the newest signal. */
  get newest(): number {
    return this.#newest;
  }

  /**
   * The number of the newest signal of `topics` that a reply of another worker at `time` can have had, or that of a later one
   * of other topics.
   */
  newestAt(topics: readonly Topic[], time: MonotonicTime): number {
    let newest = this.#newest;
    const certain = later(time, -CROSSING_MS);
    for (
      const { number, signal, expires } of topics.flatMap((one) => this.#byTopic.get(one) ?? [])
    ) {
      const isLater = later(certain, LIFETIME[signal.type]) < expires;
      if (isLater) newest = Math.min(newest, number - 1);
    }
    return newest;
  }

  /** Adds a signal to topics. It replaces an older one of the same type, channel and person. */
  post(signal: Signal, topics: readonly Topic[]): void {
    const expires = this.#runtime.fromNow(LIFETIME[signal.type]);
    const posted = { number: ++this.#newest, signal, expires };
    for (const topic of topics) {
      this.#countTopic(signal.from.publicToken, topic);
      const current = this.#byTopic.get(topic);
      if (current === undefined && this.#byTopic.size >= TOPICS.total) {
        for (const oldest of this.#byTopic.keys()) {
          this.#byTopic.delete(oldest);
          break;
        }
      }
      const others = (current ?? []).filter((old) => !isReplaced(old.signal, signal));
      this.#byTopic.set(topic, [...others.slice(1 - PER_TOPIC), posted]);
    }
  }

  /**
   * The signals of `topics` after the number `after`, in order. Of those that the session `self` has caused, only the
   * ones that are meant for its own tabs.
   */
  since(topics: readonly Topic[], after: number, self: string): readonly Signal[] {
    if (after >= this.#newest || this.#byTopic.size === 0) return NONE;
    const found = topics.flatMap((topic) => this.#byTopic.get(topic) ?? [])
      .filter(({ number, signal, expires }) =>
        number > after && !this.#runtime.hasPassed(expires) &&
        (signal.from.publicToken !== self || isForOwnTabs(signal))
      );
    return found.sort((one, other) => one.number - other.number).map(({ signal }) => signal);
  }

  /** Removes expired signals. */
  sweep(): void {
    for (const topic of this.#byTopic.keys()) {
      this.#filter(topic, ({ expires }) => !this.#runtime.hasPassed(expires));
    }
    this.#bySession.clear();
    for (const [topic, posted] of this.#byTopic) {
      for (const { signal } of posted) this.#topicsOf(signal.from.publicToken).add(topic);
    }
  }

  /** Notes that a session has a signal in a topic. Beyond its share, the signals in its oldest topic are removed. */
  #countTopic(publicToken: string, topic: Topic): void {
    const topics = this.#topicsOf(publicToken);
    topics.delete(topic);
    topics.add(topic);
    if (topics.size <= TOPICS.perSession) return;
    for (const oldest of topics) {
      topics.delete(oldest);
      this.#filter(oldest, ({ signal }) => signal.from.publicToken !== publicToken);
      break;
    }
  }

  #topicsOf(publicToken: string): Set<Topic> {
    let topics = this.#bySession.get(publicToken);
    if (topics === undefined) this.#bySession.set(publicToken, topics = new Set());
    return topics;
  }

  #filter(topic: Topic, isKept: (posted: PostedSignal) => boolean): void {
    const posted = this.#byTopic.get(topic)?.filter(isKept) ?? [];
    if (posted.length === 0) this.#byTopic.delete(topic);
    else this.#byTopic.set(topic, posted);
  }
}

const NONE: readonly Signal[] = [];

function isReplaced(old: Signal, by: Signal): boolean {
  return old.type === by.type && old.channel === by.channel &&
    old.from.publicToken === by.from.publicToken;
}
