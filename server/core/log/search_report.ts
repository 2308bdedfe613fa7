import type { MonotonicTime } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import { counter, gauge, type MetricSample } from "../../base/metric.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../../base/runtime.ts";
import type { IndexState, MessageSearch } from "../model/message_search.ts";

/** How often in ms a long progress is logged. */
const LOG_INTERVAL_MS = 60_000;

const COMPLETE: IndexState = { waiting: 0, unindexed: 0, damages: 0 };

/** Logs how far the index of words is, and what is wrong with it; exposes it as metrics. `update` must be called often. */
export class SearchReport {
  readonly #search: MessageSearch | undefined;
  readonly #logger: Pick<Logger, "write">;
  readonly #runtime: Runtime;
  #state = COMPLETE;
  /** When the old messages began to be added, and when that was logged. */
  #startedAt: MonotonicTime | undefined;
  #loggedAt: MonotonicTime | undefined;

  /** `search`: undefined if the store has no index. */
  constructor(
    search: MessageSearch | undefined,
    logger: Pick<Logger, "write">,
    runtime: Runtime = SYSTEM_RUNTIME,
  ) {
    this.#search = search;
    this.#logger = logger;
    this.#runtime = runtime;
  }

  get metrics(): readonly MetricSample[] {
    const { waiting, unindexed, damages } = this.#state;
    return [
      gauge("search_waiting", "New messages that are not in the index of words yet", waiting),
      gauge("search_unindexed", "Old messages that cannot be found yet", unindexed),
      counter("search_damages_total", "How often the index of words was damaged", damages),
    ];
  }

  /** Asks the store how far it is. */
  async update(): Promise<void> {
    const before = this.#state;
    const { damages, damage = "", unindexed } = this.#state = await this.#search?.state() ??
      COMPLETE;
    if (damages > before.damages) {
      this.#logger.write("error", "index_damaged", { reason: damage, damages });
    }
    if (unindexed > 0) this.#logProgress(unindexed);
    else if (this.#startedAt !== undefined) this.#logEnd(this.#startedAt);
  }

  #logProgress(unindexed: number): void {
    this.#startedAt ??= this.#runtime.monotonicNow();
    const last = this.#loggedAt;
    if (last !== undefined && this.#runtime.msSince(last) < LOG_INTERVAL_MS) return;
    this.#loggedAt = this.#runtime.monotonicNow();
    this.#logger.write("info", "indexing", { unindexed });
  }

  #logEnd(startedAt: MonotonicTime): void {
    const seconds = Math.round(this.#runtime.msSince(startedAt) / 1_000);
    this.#startedAt = this.#loggedAt = undefined;
    this.#logger.write("info", "indexed", { seconds });
  }
}
