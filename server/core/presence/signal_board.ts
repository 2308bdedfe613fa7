import { hasPassed, later, monotonicNow, type MonotonicTime } from "../../base/clock.ts";
import type { Signal } from "../../protocol/signal.ts";
import { isForOwnTabs, type Topic, topicsOfSignal } from "../model/topics.ts";

/** How long a signal is offered, in ms. Typing is soon over; the others must outlast the longest poll. */
const LIFETIME = {
  typing: 5_000,
  presence: 60_000,
  read: 60_000,
  delivered: 60_000,
  closed: 60_000,
} as const satisfies Record<Signal["type"], number>;

/** Maximum number of signals per topic; the oldest are dropped. */
const PER_TOPIC = 50;

/** Maximum number of topics with signals; signals of further topics are dropped. */
const TOPICS = 20_000;

interface PostedSignal {
  /** Signals are numbered in the order in which this process received them. */
  readonly number: number;
  readonly signal: Signal;
  readonly expires: MonotonicTime;
}

/** Offers signals to the readers of their topics for a short time. Best effort: a signal can be lost. */
export class SignalBoard {
  readonly #byTopic = new Map<Topic, PostedSignal[]>();
  #newest = 0;

  /** The number of the newest signal. */
  get newest(): number {
    return this.#newest;
  }

  /** Adds a signal. It replaces an older one of the same type, channel and person. */
  post(signal: Signal): void {
    const expires = later(monotonicNow(), LIFETIME[signal.type]);
    const posted = { number: ++this.#newest, signal, expires };
    for (const topic of topicsOfSignal(signal)) {
      const current = this.#byTopic.get(topic);
      if (current === undefined && this.#byTopic.size >= TOPICS) continue;
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
        number > after && !hasPassed(expires) &&
        (signal.from.publicToken !== self || isForOwnTabs(signal))
      );
    return found.sort((one, other) => one.number - other.number).map(({ signal }) => signal);
  }

  /** Removes expired signals. */
  sweep(): void {
    for (const [topic, posted] of this.#byTopic) {
      const current = posted.filter(({ expires }) => !hasPassed(expires));
      if (current.length === 0) this.#byTopic.delete(topic);
      else this.#byTopic.set(topic, current);
    }
  }
}

const NONE: readonly Signal[] = [];

function isReplaced(old: Signal, by: Signal): boolean {
  return old.type === by.type && old.channel === by.channel &&
    old.from.publicToken === by.from.publicToken;
}
