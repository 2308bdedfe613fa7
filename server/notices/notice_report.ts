import { errorMessage } from "../base/error_message.ts";
import type { Logger } from "../base/logger.ts";
import { counter, gauge, type MetricSample } from "../base/metric.ts";
import { Throttle } from "../base/throttle.ts";
import { Refused } from "../core/model/refused.ts";
import { SourceError } from "./sources/notice_source.ts";

/** Counts and logs what happens to the rows of the notices' database. */
export class NoticeReport {
  readonly #logger: Pick<Logger, "write" | "internalError">;
  readonly #counts = { published: 0, skipped: 0, failures: 0 };
  readonly #failures = new Throttle({ windowMs: 60_000 });
  readonly #invalidRows = new Throttle({ windowMs: 60_000, max: 20 });
  #isReadable = true;

  constructor(logger: Pick<Logger, "write" | "internalError">) {
    this.#logger = logger;
  }

  /** Whether the database could be read at the last attempt. */
  get isReadable(): boolean {
    return this.#isReadable;
  }

  get metrics(): readonly MetricSample[] {
    const { published, skipped, failures } = this.#counts;
    return [
      counter("notices_published_total", "Rows that were published as notices", published),
      counter("notices_skipped_total", "Rows that cannot become notices", skipped),
      counter("notices_failures_total", "Failed attempts to read the database", failures),
      gauge(
        "notices_database_up",
        "Whether the last attempt to read the database succeeded",
        this.#isReadable ? 1 : 0,
      ),
    ];
  }

  onPublished(count: number): void {
    this.#counts.published += count;
  }

  onInvalidRow(key: string, reason: string): void {
    this.#counts.skipped++;
    if (!this.#invalidRows.allow()) return;
    this.#logger.write("warn", "notice_skipped", { key: key.slice(0, 100), reason });
  }

  onStarted(source: string): void {
    this.#logger.write("info", "notices_started", { source });
  }

  onFailure(error: unknown): void {
    this.#counts.failures++;
    this.#isReadable = false;
    if (!(error instanceof SourceError) && !(error instanceof Refused)) {
      this.#logger.internalError(error, { job: "notices" });
    } else if (this.#failures.allow()) {
      this.#logger.write("error", "notices_unavailable", { reason: errorMessage(error) });
    }
  }

  onRecovery(source: string): void {
    this.#isReadable = true;
    this.#failures.reset();
    this.#logger.write("info", "notices_available", { source });
  }
}
