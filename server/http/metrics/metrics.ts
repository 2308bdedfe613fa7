import { type MonotonicTime, msSince, wallNow } from "../../base/clock.ts";
import type { PollReply } from "../../protocol/replies.ts";
import { type Refusal, REFUSALS } from "../../protocol/refusal.ts";
import { type Family, formatFamilies } from "./exposition.ts";
import { Histogram } from "./histogram.ts";
import type { MetricSample } from "../../base/metric.ts";

/** What is asked of a log. */
export type StoreOperation = "append" | "read" | "history";

/** Upper ends of buckets, in seconds. */
const BOUNDS = {
  // The usual hold is 25 s, the longest 55 s.
  hold: [0.01, 0.05, 0.25, 1, 2.5, 5, 10, 15, 20, 22.5, 25, 30, 55, 60],
  delivery: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  acknowledgement: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600],
  store: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  lag: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  sweep: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
} as const;

/** What has happened since the start. */
export interface Counts {
  readonly messages: number;
  readonly deliveries: number;
  readonly gaps: number;
  /** Polls that were answered. */
  readonly polls: number;
  readonly refusals: number;
}

/** Counts what happens, for `GET /metrics`. */
export class Metrics {
  readonly #polls = { message: 0, timedout: 0, cancelled: 0 };
  readonly #refusals = new Map<Refusal, number>(REFUSALS.map((refusal) => [refusal, 0]));
  readonly #limited = new Map<string, number>();
  readonly #hold = new Histogram(BOUNDS.hold);
  readonly #delivery = new Histogram(BOUNDS.delivery);
  readonly #acknowledgement = new Histogram(BOUNDS.acknowledgement);
  readonly #lag = new Histogram(BOUNDS.lag);
  readonly #sweep = new Histogram(BOUNDS.sweep);
  readonly #store = {
    append: new Histogram(BOUNDS.store),
    read: new Histogram(BOUNDS.store),
    history: new Histogram(BOUNDS.store),
  };
  readonly #sources: (() => readonly MetricSample[])[] = [];
  #messages = 0;
  #deliveries = 0;
  #gaps = 0;
  #abandoned = 0;

  /** Adds metrics of another part: `read` is called whenever the metrics are read. */
  include(read: () => readonly MetricSample[]): void {
    this.#sources.push(read);
  }

  /** A message was taken in. */
  onSent(): void {
    this.#messages++;
  }

  /** A poll that arrived at `arrived` is answered now; without a reply, its client has disconnected. */
  onAnswer(answer: PollReply | undefined, arrived: MonotonicTime): void {
    if (answer === undefined) {
      this.#abandoned++;
      return;
    }
    const { outcome, messages, gap } = answer;
    this.#polls[outcome]++;
    this.#deliveries += messages.length;
    if (gap) this.#gaps++;
    const held = msSince(arrived);
    this.#hold.observe(held);
    const [first] = messages;
    if (first === undefined) return;
    const age = wallNow() - first.at;
    // A message from before the poll has waited for the client, not for the server.
    if (age <= held) this.#delivery.observe(age);
  }

  /** A message for one session was acknowledged so many ms after it was sent. */
  onAcknowledged(milliseconds: number): void {
    this.#acknowledgement.observe(milliseconds);
  }

  /** The store took so many ms. */
  onStore(operation: StoreOperation, milliseconds: number): void {
    this.#store[operation].observe(milliseconds);
  }

  /** The event loop was late by so many ms. */
  onLag(milliseconds: number): void {
    this.#lag.observe(milliseconds);
  }

  /** A sweep took so many ms. */
  onSweep(milliseconds: number): void {
    this.#sweep.observe(milliseconds);
  }

  /** A request was turned down. */
  onRefusal(refusal: Refusal): void {
    raise(this.#refusals, refusal);
  }

  /** A limit by rate was passed. */
  onLimited(limit: string): void {
    raise(this.#limited, limit);
  }

  /** What was counted since the start. */
  get counts(): Counts {
    return {
      messages: this.#messages,
      deliveries: this.#deliveries,
      gaps: this.#gaps,
      polls: sum(Object.values(this.#polls)),
      refusals: sum(this.#refusals.values()),
    };
  }

  /** All metrics in the text format of Prometheus. */
  format(): string {
    return formatFamilies([
      ...this.#sources.flatMap((read) => read()).map(familyOf),
      counter("messages_total", "Messages sent", this.#messages),
      counter("deliveries_total", "Messages given in replies", this.#deliveries),
      counter("gaps_total", "Replies that told of a gap", this.#gaps),
      counter("polls_abandoned_total", "Polls whose client left", this.#abandoned),
      labelled("polls_total", "Polls answered", "outcome", Object.entries(this.#polls)),
      labelled("refusals_total", "Requests turned down", "code", this.#refusals),
      labelled("limited_total", "Requests beyond a limit by rate", "limit", this.#limited),
      histogram("poll_hold_seconds", "How long polls were held", this.#hold),
      histogram(
        "delivery_seconds",
        "From the append of a message to the reply of a poll that waited for it",
        this.#delivery,
      ),
      histogram(
        "acknowledgement_seconds",
        "From the append of a message for one session to the poll that acknowledged it",
        this.#acknowledgement,
      ),
      {
        name: "store_seconds",
        type: "histogram",
        help: "How long the store took",
        samples: Object.entries(this.#store).flatMap(([operation, times]) =>
          times.samples({ operation })
        ),
      },
      histogram("event_loop_lag_seconds", "How late the event loop was", this.#lag),
      histogram("sweep_seconds", "How long sweeps took", this.#sweep),
    ]);
  }
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}

function raise<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function familyOf({ name, type, help, value }: MetricSample): Family {
  return { name, type, help, samples: [{ value }] };
}

function counter(name: string, help: string, value: number): Family {
  return { name, type: "counter", help, samples: [{ value }] };
}

function histogram(name: string, help: string, times: Histogram): Family {
  return { name, type: "histogram", help, samples: times.samples() };
}

function labelled(
  name: string,
  help: string,
  label: string,
  counts: Iterable<readonly [string, number]>,
): Family {
  const samples = [...counts].map(([word, value]) => ({ labels: { [label]: word }, value }));
  return { name, type: "counter", help, samples };
}
