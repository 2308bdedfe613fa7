import type { Logger } from "../base/logger.ts";
import { counter, gauge, type MetricSample } from "../base/metric.ts";
import type { Runtime } from "../base/runtime.ts";
import { Throttle } from "../base/throttle.ts";

/** An event of the log is written at most once per this time in ms. */
const LOG_INTERVAL = 10_000;

/** Counts and logs what happens to pushes. */
export class PushReport {
  readonly #logger: Pick<Logger, "write">;
  readonly #counts = { sent: 0, failed: 0, dropped: 0 };
  readonly #throttle: Throttle;

  constructor(logger: Pick<Logger, "write">, runtime: Runtime) {
    this.#logger = logger;
    this.#throttle = new Throttle({ windowMs: LOG_INTERVAL }, runtime);
  }

  get counts(): { readonly sent: number; readonly failed: number; readonly dropped: number } {
    return this.#counts;
  }

  /** `waiting`: the number of messages that may be pushed later. */
  metrics(waiting: number): readonly MetricSample[] {
    const { sent, failed, dropped } = this.#counts;
    return [
      counter("push_sent_total", "Pushes that a push service accepted", sent),
      counter("push_failed_total", "Failed attempts to push", failed),
      counter("push_dropped_total", "Messages not pushed: too many were waiting", dropped),
      gauge("push_waiting", "Messages that may be pushed", waiting),
    ];
  }

  onSent(): void {
    this.#counts.sent++;
  }

  /** `host`: that of the push service. The address itself is secret. */
  onFailed(host: string, reason: string): void {
    const failed = ++this.#counts.failed;
    if (!this.#throttle.allow("failed")) return;
    this.#logger.write("warn", "push_failed", { host, reason, failed });
  }

  onDropped(): void {
    const dropped = ++this.#counts.dropped;
    if (!this.#throttle.allow("dropped")) return;
    this.#logger.write("warn", "push_dropped", { dropped });
  }
}
