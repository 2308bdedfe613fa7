import type { Logger } from "../base/logger.ts";
import { counter, gauge, type MetricSample } from "../base/metric.ts";
import { type Runtime, SYSTEM_RUNTIME, type Timer } from "../base/runtime.ts";
import { Throttle } from "../base/throttle.ts";
import type { Failure } from "./dispatcher.ts";

/** What happened since the start. */
export interface WebhookCounts {
  /** Events that the receiver accepted. */
  readonly sent: number;
  /** Failed attempts. */
  readonly failed: number;
  /** Events that were given up after failing for too long. */
  readonly givenUp: number;
  /** Events that were dropped because the queue was full, or because the log had removed their message; also messages
   * that were removed, or are too far behind, when a start reads the log: their events are not known. */
  readonly dropped: number;
}

/** An event of the log is written at most once per this time in ms. */
const LOG_INTERVAL = 10_000;

/** Counts and logs what happens to events. */
export class WebhookReport implements Disposable {
  readonly #logger: Pick<Logger, "write">;
  readonly #counts = { sent: 0, failed: 0, givenUp: 0, dropped: 0 };
  readonly #runtime: Runtime;
  readonly #throttle: Throttle;
  #droppedTimer: Timer | undefined;
  #isDisposed = false;

  constructor(logger: Pick<Logger, "write">, runtime: Runtime = SYSTEM_RUNTIME) {
    this.#logger = logger;
    this.#runtime = runtime;
    this.#throttle = new Throttle({ windowMs: LOG_INTERVAL }, runtime);
  }

  get counts(): WebhookCounts {
    return this.#counts;
  }

  /** `waiting`: the number of tasks in the queue. */
  metrics(waiting: number): readonly MetricSample[] {
    const { sent, failed, givenUp, dropped } = this.#counts;
    return [
      counter("webhooks_sent_total", "Events that the receiver accepted", sent),
      counter("webhooks_failed_total", "Failed attempts to send an event", failed),
      counter("webhooks_given_up_total", "Events that were given up after 3 days", givenUp),
      counter("webhooks_dropped_total", "Events dropped: queue full, or message removed", dropped),
      gauge("webhooks_waiting", "Tasks in the queue", waiting),
    ];
  }

  onSent(): void {
    this.#counts.sent++;
  }

  onFailed({ type, tries, reason }: Failure): void {
    const failed = ++this.#counts.failed;
    if (!this.#throttle.allow("failed")) return;
    this.#logger.write("warn", "webhook_failed", { type, tries, reason, failed });
  }

  onGivenUp({ type, tries, reason }: Failure): void {
    this.#counts.givenUp++;
    this.#logger.write("error", "webhook_given_up", { type, tries, reason });
  }

  onDropped(count: number): void {
    this.#counts.dropped += count;
    if (this.#throttle.allow("dropped") || this.#isDisposed) this.#logDropped();
    else this.#droppedTimer ??= this.#runtime.setTimeout(() => this.#logDropped(), LOG_INTERVAL);
  }

  /** Logs what is not logged yet. What comes later is logged at once. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    if (this.#droppedTimer !== undefined) this.#logDropped();
  }

  #logDropped(): void {
    this.#runtime.clearTimeout(this.#droppedTimer);
    this.#droppedTimer = undefined;
    // This line counts too if it was late.
    this.#throttle.allow("dropped");
    this.#logger.write("error", "webhooks_dropped", { dropped: this.#counts.dropped });
  }
}
