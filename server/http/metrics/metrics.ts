import { type MonotonicTime, msSince, wallNow } from "../../base/clock.ts";
import type { MetricSample } from "../../base/metric.ts";
import type { AdminOverview } from "../../protocol/admin_replies.ts";
import { FINAL_REFUSALS, PASSING_REFUSALS, type Refusal } from "../../protocol/refusal.ts";
import type { PollReply } from "../../protocol/replies.ts";
import { type Family, formatFamilies, type Labels, type Sample } from "./prometheus_format.ts";

/** The operations of the log that are measured. */
export type StoreOperation = "append" | "read" | "history";

/** Upper bounds of the buckets in seconds. */
const BOUNDS = {
  // The usual hold is 25 s, the longest 55 s.
  hold: [0.01, 0.05, 0.25, 1, 2.5, 5, 10, 15, 20, 22.5, 25, 30, 55, 60],
  delivery: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  acknowledgement: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600],
  store: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  lag: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  sweep: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
} as const;

/** A histogram of durations. Observing one takes about ten nanoseconds. */
class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** `bounds` are the upper bounds of the buckets in seconds, in increasing order. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array(bounds.length + 1).fill(0);
  }

  /** Adds a duration in milliseconds. */
  observe(ms: number): void {
    const seconds = ms / 1_000;
    let bucket = 0;
    for (const bound of this.#bounds) {
      if (seconds <= bound) break;
      bucket++;
    }
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  /** The samples for Prometheus, whose buckets are cumulative. */
  samples(labels: Labels = {}): readonly Sample[] {
    let count = 0;
    const buckets = this.#counts.map((own, n): Sample => {
      const bound = this.#bounds[n];
      const le = bound === undefined ? "+Inf" : String(bound);
      return { suffix: "_bucket", labels: { ...labels, le }, value: count += own };
    });
    return [
      ...buckets,
      { suffix: "_sum", labels, value: this.#sum },
      { suffix: "_count", labels, value: count },
    ];
  }
}

/**
 * Counts what happens on this node since its start. The routes and the server report events here; `GET /metrics` and the
 * admin page read the counters.
 */
export class Metrics {
  readonly #polls = { message: 0, timedout: 0, cancelled: 0 };
  readonly #refusals = new Map<Refusal, number>(
    [...FINAL_REFUSALS, ...PASSING_REFUSALS].map((refusal) => [refusal, 0]),
  );
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

  /** A message was appended. */
  onMessage(): void {
    this.#messages++;
  }

  /** A poll was answered that began at `start`. Without a reply, its client has disconnected. */
  onPollAnswered(reply: PollReply | undefined, start: MonotonicTime): void {
    if (reply === undefined) {
      this.#abandoned++;
      return;
    }
    const { outcome, messages, gap } = reply;
    const heldMs = msSince(start);
    this.#polls[outcome]++;
    this.#deliveries += messages.length;
    if (gap) this.#gaps++;
    this.#hold.observe(heldMs);
    const [first] = messages;
    if (first === undefined) return;
    const ageMs = wallNow() - first.at;
    // A message that is older than the poll was not delayed by the server.
    if (ageMs <= heldMs) this.#delivery.observe(Math.max(0, ageMs));
  }

  /** A message for one session was acknowledged this time after it was sent. */
  onAcknowledged(ms: number): void {
    this.#acknowledgement.observe(ms);
  }

  /** An operation of the store took this time. */
  onStore(operation: StoreOperation, ms: number): void {
    this.#store[operation].observe(ms);
  }

  /** The event loop was late by this time. */
  onLag(ms: number): void {
    this.#lag.observe(ms);
  }

  /** A sweep took this time. */
  onSweep(ms: number): void {
    this.#sweep.observe(ms);
  }

  onRefusal(refusal: Refusal): void {
    increment(this.#refusals, refusal);
  }

  onLimited(limit: string): void {
    increment(this.#limited, limit);
  }

  /** The counters that the admin page shows. */
  get counts(): AdminOverview["counts"] {
    return {
      messages: this.#messages,
      deliveries: this.#deliveries,
      gaps: this.#gaps,
      polls: sum(Object.values(this.#polls)),
      refusals: sum(this.#refusals.values()),
    };
  }

  /** All metrics in the Prometheus text format. */
  format(): string {
    return formatFamilies([
      ...this.#sources.flatMap((read) => read()).map(familyOf),
      counter("messages_total", "Messages sent", this.#messages),
      counter("deliveries_total", "Messages in replies to polls", this.#deliveries),
      counter("gaps_total", "Replies that reported a gap", this.#gaps),
      counter("polls_abandoned_total", "Polls whose client disconnected", this.#abandoned),
      labelled("polls_total", "Polls answered", "outcome", Object.entries(this.#polls)),
      labelled("refusals_total", "Requests refused", "code", this.#refusals),
      labelled("limited_total", "Requests that exceeded a rate limit", "limit", this.#limited),
      histogram("poll_hold_seconds", "Time that polls were held", this.#hold),
      histogram(
        "delivery_seconds",
        "Time from the append of a message to the reply of a poll that waited for it",
        this.#delivery,
      ),
      histogram(
        "acknowledgement_seconds",
        "Time from the append of a message for one session to the poll that acknowledged it",
        this.#acknowledgement,
      ),
      {
        name: "store_seconds",
        type: "histogram",
        help: "Time that operations of the store took",
        samples: Object.entries(this.#store).flatMap(([operation, times]) =>
          times.samples({ operation })
        ),
      },
      histogram("event_loop_lag_seconds", "Delay of the event loop", this.#lag),
      histogram("sweep_seconds", "Time that sweeps took", this.#sweep),
    ]);
  }
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((total, count) => total + count, 0);
}

function increment<K>(counts: Map<K, number>, key: K): void {
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
  const samples = [...counts].map(([key, value]) => ({ labels: { [label]: key }, value }));
  return { name, type: "counter", help, samples };
}
