import { isForOwnTabs, type Topic, topicsOfSignal } from "../model/topics.ts";
import type { Signal } from "../../protocol/signal.ts";
import { steadyNow } from "../../base/clock.ts";

/** How long (ms) a signal is offered: typing is soon over; what changed for longer may wait for the longest poll. */
const LIFETIME = {
  typing: 5_000,
  presence: 60_000,
  read: 60_000,
  delivered: 60_000,
  closed: 60_000,
} as const satisfies Record<Signal["type"], number>;

/** So many signals of one topic are kept at most, the newest. */
const PER_TOPIC = 50;

/** So many topics may have signals at once; further signals are dropped. */
const TOPICS = 20_000;

interface Posted {
  /** Signals are numbered in the order in which this process heard of them. */
  readonly number: number;
  readonly signal: Signal;
}

/** Offers signals for a short time to those who read their topics. Best effort. */
export class SignalBoard {
  readonly #byTopic = new Map<Topic, Posted[]>();
  #newest = 0;

  /** The number of the newest signal. */
  get newest(): number {
    return this.#newest;
  }

  /** Takes a signal in. A newer one of the same kind, channel and person takes the place of the older. */
  post(signal: Signal): void {
    const posted = { number: ++this.#newest, signal };
    for (const topic of topicsOfSignal(signal)) {
      const others = this.#byTopic.get(topic);
      if (others === undefined && this.#byTopic.size >= TOPICS) continue;
      const kept = (others ?? []).filter((old) => !isReplaced(old.signal, signal));
      this.#byTopic.set(topic, [...kept.slice(1 - PER_TOPIC), posted]);
    }
  }

  /** The signals after number `heard` on any of `topics`, in order; of the person `self` those for its own tabs alone. */
  since(topics: readonly Topic[], heard: number, self: string): readonly Signal[] {
    if (heard >= this.#newest || this.#byTopic.size === 0) return NONE;
    const now = steadyNow();
    const found = topics.flatMap((topic) => this.#byTopic.get(topic) ?? [])
      .filter(({ number, signal }) =>
        number > heard && !isOver(signal, now) &&
        (signal.from.publicToken !== self || isForOwnTabs(signal))
      );
    return found.sort((one, other) => one.number - other.number).map(({ signal }) => signal);
  }

  /** Forgets what is over. */
  sweep(): void {
    const now = steadyNow();
    for (const [topic, posted] of this.#byTopic) {
      const kept = posted.filter(({ signal }) => !isOver(signal, now));
      if (kept.length === 0) this.#byTopic.delete(topic);
      else this.#byTopic.set(topic, kept);
    }
  }
}

const NONE: readonly Signal[] = [];

function isOver(signal: Signal, now: number): boolean {
  return signal.at + LIFETIME[signal.type] <= now;
}

function isReplaced(old: Signal, by: Signal): boolean {
  return old.type === by.type && old.channel === by.channel &&
    old.from.publicToken === by.from.publicToken;
}
