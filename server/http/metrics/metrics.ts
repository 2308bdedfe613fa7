import type { MonotonicTime } from "../../base/clock.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import type { MetricSample } from "../../base/metric.ts";
import type { AdminOverview } from "../../protocol/admin_replies.ts";
import { FINAL_REFUSALS, PASSING_REFUSALS, type Refusal } from "../../protocol/refusal.ts";
import type { PollReply } from "../../protocol/replies.ts";
import { bucketsOf, type Distribution, Histogram } from "./histogram.ts";
import { type Family, formatFamilies } from "./prometheus_format.ts";
import { type MetricCounts, samplesOf, totalOf, type WorkerReport } from "./worker_report.ts";

/** The operations of the log that are measured. */
export type StoreOperation = "append" | "read" | "history";

/**
 * Counts what happens at this worker since its start. The routes and the server report events here; `GET /metrics` and the
 * admin page read the counters of all workers.
 */
export class Metrics {
  readonly #polls = { message: 0, timedout: 0, cancelled: 0 };
  readonly #refusals = new Map<Refusal, number>(
    [...FINAL_REFUSALS, ...PASSING_REFUSALS].map((refusal) => [refusal, 0]),
  );
  readonly #limited = new Map<string, number>();
  readonly #times = {
    hold: new Histogram("hold"),
    delivery: new Histogram("delivery"),
    acknowledgement: new Histogram("acknowledgement"),
    lag: new Histogram("lag"),
    sweep: new Histogram("sweep"),
    append: new Histogram("store"),
    read: new Histogram("store"),
    history: new Histogram("store"),
  };
  readonly #sources: (() => readonly MetricSample[])[] = [];
  readonly #runtime: Runtime;
  #messages = 0;
  #deliveries = 0;
  #gaps = 0;
  #abandoned = 0;

  constructor(runtime: Runtime = SYSTEM_RUNTIME) {
    this.#runtime = runtime;
  }

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
    const heldMs = this.#runtime.msSince(start);
    this.#polls[outcome]++;
    this.#deliveries += messages.length;
    if (gap) this.#gaps++;
    this.#times.hold.observe(heldMs);
    const [first] = messages;
    if (first === undefined) return;
    const ageMs = this.#runtime.wallNow() - first.at;
    // A message that is older than the poll was not delayed by the server.
    if (ageMs <= heldMs) this.#times.delivery.observe(Math.max(0, ageMs));
  }

  /** A message for one session was acknowledged this time after it was sent. */
  onAcknowledged(ms: number): void {
    this.#times.acknowledgement.observe(ms);
  }

  /** An operation of the store took this time. */
  onStore(operation: StoreOperation, ms: number): void {
    this.#times[operation].observe(ms);
  }

  /** The event loop was late by this time. */
  onLag(ms: number): void {
    this.#times.lag.observe(ms);
  }

  /** A sweep took this time. */
  onSweep(ms: number): void {
    this.#times.sweep.observe(ms);
  }

  onRefusal(refusal: Refusal): void {
    increment(this.#refusals, refusal);
  }

  onLimited(limit: string): void {
    increment(this.#limited, limit);
  }

  /** The metrics of other parts. */
  get samples(): readonly MetricSample[] {
    return this.#sources.flatMap((read) => read());
  }

  /** What this worker has counted. */
  get counts(): MetricCounts {
    return {
      numbers: new Map([
        ...Object.entries(this.#polls),
        ["messages", this.#messages],
        ["deliveries", this.#deliveries],
        ["gaps", this.#gaps],
        ["abandoned", this.#abandoned],
      ]),
      refusals: this.#refusals,
      limited: this.#limited,
      times: new Map(
        Object.entries(this.#times).map(([name, { distribution }]) => [name, distribution]),
      ),
    };
  }

  /** All metrics of a process with these workers, in the Prometheus text format. */
  format(reports: readonly WorkerReport[]): string {
    const { numbers, refusals, limited, times } = totalOf(reports);
    const number = (name: string) => numbers.get(name) ?? 0;
    const timesOf = (name: string) => times.get(name) ?? EMPTY;
    const sum = (valueOf: (report: WorkerReport) => number) =>
      reports.reduce((total, report) => total + valueOf(report), 0);
    return formatFamilies([
      gaugeOf("parked_polls", "Parked polls", sum(({ parked }) => parked)),
      gaugeOf("window_bytes", "Size of the recent windows as JSON", sum((one) => one.windowBytes)),
      gaugeOf("heap_used_bytes", "Memory used by JavaScript objects", sum((one) => one.heapBytes)),
      ...samplesOf(reports).map(familyOf),
      counter("messages_total", "Messages sent", number("messages")),
      counter("deliveries_total", "Messages in replies to polls", number("deliveries")),
      counter("gaps_total", "Replies that reported a gap", number("gaps")),
      counter("polls_abandoned_total", "Polls whose client disconnected", number("abandoned")),
      labelled("polls_total", "Polls answered", "outcome", outcomesOf(numbers)),
      labelled("refusals_total", "Requests refused", "code", refusals),
      labelled("limited_total", "Requests that exceeded a rate limit", "limit", limited),
      histogram("poll_hold_seconds", "Time that polls were held", timesOf("hold")),
      histogram(
        "delivery_seconds",
        "Time from the append of a message to the reply of a poll that waited for it",
        timesOf("delivery"),
      ),
      histogram(
        "acknowledgement_seconds",
        "Time from the append of a message for one session to the poll that acknowledged it",
        timesOf("acknowledgement"),
      ),
      {
        name: "store_seconds",
        type: "histogram",
        help: "Time that operations of the store took",
        samples: STORE_OPERATIONS.flatMap((operation) =>
          bucketsOf(timesOf(operation), { operation })
        ),
      },
      histogram("event_loop_lag_seconds", "Delay of the event loops", timesOf("lag")),
      histogram("sweep_seconds", "Time that sweeps took", timesOf("sweep")),
      ...workerFamilies(reports),
    ]);
  }
}

const STORE_OPERATIONS: readonly StoreOperation[] = ["append", "read", "history"];

const EMPTY: Distribution = new Histogram("store").distribution;

/** What differs between workers: whether the clients are spread over them, and whether one of them is overloaded. */
function workerFamilies(reports: readonly WorkerReport[]): readonly Family[] {
  const byWorker = (valueOf: (report: WorkerReport) => number) =>
    reports.map((report) => [String(report.worker), valueOf(report)] as const);
  const parked = byWorker((report) => report.parked);
  const deliveries = byWorker(({ counts }) => counts.numbers.get("deliveries") ?? 0);
  const lags = reports.flatMap(({ worker, counts }) => {
    const { sum, count } = totalsOf(counts.times.get("lag") ?? EMPTY);
    return [
      { suffix: "_sum", labels: { worker: String(worker) }, value: sum },
      { suffix: "_count", labels: { worker: String(worker) }, value: count },
    ];
  });
  return [
    {
      ...labelled("worker_parked_polls", "Parked polls by worker", "worker", parked),
      type: "gauge",
    },
    labelled("worker_deliveries_total", "Messages in replies by worker", "worker", deliveries),
    {
      name: "worker_event_loop_lag_seconds",
      type: "summary",
      help: "Delay of the event loop by worker",
      samples: lags,
    },
  ];
}

function totalsOf({ sum, counts }: Distribution): { readonly sum: number; readonly count: number } {
  return { sum, count: counts.reduce((total, count) => total + count, 0) };
}

function outcomesOf(numbers: ReadonlyMap<string, number>): [string, number][] {
  return OUTCOMES.map((outcome) => [outcome, numbers.get(outcome) ?? 0]);
}

const OUTCOMES: readonly PollReply["outcome"][] = ["message", "timedout", "cancelled"];

/** The counters that the admin page shows. */
export function overviewCounts({ numbers, refusals }: MetricCounts): AdminOverview["counts"] {
  const number = (name: string) => numbers.get(name) ?? 0;
  const add = (counts: Iterable<number>) => [...counts].reduce((total, count) => total + count, 0);
  return {
    messages: number("messages"),
    deliveries: number("deliveries"),
    gaps: number("gaps"),
    polls: add(OUTCOMES.map(number)),
    refusals: add(refusals.values()),
  };
}

function increment<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function familyOf({ name, type, help, value }: MetricSample): Family {
  return { name, type, help, samples: [{ value }] };
}

function gaugeOf(name: string, help: string, value: number): Family {
  return { name, type: "gauge", help, samples: [{ value }] };
}

function counter(name: string, help: string, value: number): Family {
  return { name, type: "counter", help, samples: [{ value }] };
}

function histogram(name: string, help: string, times: Distribution): Family {
  return { name, type: "histogram", help, samples: bucketsOf(times) };
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
