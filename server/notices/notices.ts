import type { Logger } from "../base/logger.ts";
import type { MetricSample } from "../base/metric.ts";
import { Wakeup } from "../base/wakeup.ts";
import { Leader } from "../core/cluster/leader.ts";
import type { Hub } from "../core/hub/hub.ts";
import type { KeyValue, Store } from "../core/model/store.ts";
import { NoticeJob } from "./notice_job.ts";
import { NoticeReader } from "./notice_reader.ts";
import { NoticeReport } from "./notice_report.ts";
import type { NoticeSettings } from "./notice_settings.ts";
import { checkpointName, type NoticeDatabase } from "./sources/notice_database.ts";
import { openSource } from "./sources/open_source.ts";

/** What notices need of the server. */
export interface NoticesDeps {
  readonly hub: Pick<Hub, "node" | "publishing">;
  readonly store: Pick<Store, "keyValue">;
  readonly logger: Logger;
  /** Called for errors of the store, and for internal errors. */
  readonly onError: (error: unknown) => void;
}

/** How long a database that was never read may be unavailable at the start. */
const START_TIMEOUT_MS = 10_000;

/**
 * Publishes new rows of the configured database as notices. All nodes start it, and one of them reads. A node that takes
 * over goes on at the stored checkpoint.
 */
export class Notices implements AsyncDisposable {
  readonly #leader: Leader;
  readonly #report: NoticeReport;

  /** Returns `undefined` if notices are disabled. Throws a `SourceError` if the database cannot be read. */
  static async start(
    { hub, store: { keyValue }, logger, onError }: NoticesDeps,
    settings: NoticeSettings,
    intervalMs: number,
  ): Promise<Notices | undefined> {
    const { isOn, database } = settings;
    if (!isOn || database === undefined) return undefined;
    const report = new NoticeReport(logger);
    const deps = { hub, keyValue, report };
    const leader = await Leader.start({
      keyValue,
      name: "notices",
      node: hub.node,
      lead: () => startReading(deps, { ...settings, database, intervalMs }),
      onError,
    });
    return new Notices(leader, report);
  }

  private constructor(leader: Leader, report: NoticeReport) {
    this.#leader = leader;
    this.#report = report;
  }

  get metrics(): readonly MetricSample[] {
    return this.#report.metrics;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#leader[Symbol.asyncDispose]();
  }
}

interface ReadingDeps extends Pick<NoticesDeps, "hub"> {
  readonly keyValue: KeyValue;
  readonly report: NoticeReport;
}

interface ReadingOptions extends NoticeSettings {
  readonly database: NoticeDatabase;
  readonly intervalMs: number;
}

async function startReading(
  { hub, keyValue, report }: ReadingDeps,
  options: ReadingOptions,
): Promise<AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const wakeup = new Wakeup();
  const source = await openSource({ ...options, onNotify: wakeup.wake });
  const reader = new NoticeReader({
    source,
    keyValue,
    checkpointName: checkpointName(options.database),
    publishing: hub.publishing,
    report,
  }, options);
  const job = new NoticeJob(reader, {
    wakeup,
    intervalMs: options.intervalMs,
    startTimeoutMs: START_TIMEOUT_MS,
    onFailure: (error) => report.onFailure(error),
    onRecovery: () => report.onRecovery(source.name),
  });
  // At the same time: the job waits for its current query, which ends when the source is closed.
  starting.defer(async () =>
    void await Promise.all([job, source].map((part) => part[Symbol.asyncDispose]()))
  );
  await job.start();
  report.onStarted(source.name);
  return starting.move();
}
