import type { Logger } from "../base/logger.ts";
import type { MetricSample } from "../base/metric.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../base/runtime.ts";
import { Leader } from "../core/cluster/leader.ts";
import type { Hub } from "../core/hub/hub.ts";
import type { Store } from "../core/model/store.ts";
import { PUSH_TIMES, PushJob, type PushTimes } from "./push_job.ts";
import { PushKeys } from "./push_key.ts";
import { PushReport } from "./push_report.ts";
import type { PushSettings } from "./push_settings.ts";

/** What pushes need of the server. */
export interface PushesDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, "sessions" | "bans" | "receipts" | "presence" | "accounts" | "node">;
  readonly logger: Pick<Logger, "write">;
  /** Called for errors of the store, and for internal errors. */
  readonly onError: (error: unknown) => void;
  readonly runtime?: Runtime | undefined;
}

/** Pushes to browsers whose page is closed. One node of all does it. */
export class Pushes implements AsyncDisposable {
  readonly #report: PushReport;
  readonly #leader: Leader;
  readonly #job: () => PushJob | undefined;

  /** Returns `undefined` if pushes are off. */
  static async start(
    { store, hub, logger, onError, runtime = SYSTEM_RUNTIME }: PushesDeps,
    settings: PushSettings | undefined,
    times: PushTimes = PUSH_TIMES,
  ): Promise<Pushes | undefined> {
    if (settings === undefined) return undefined;
    const report = new PushReport(logger, runtime);
    const keys = await PushKeys.load(store.keyValue, settings.key);
    const { contact, hosts, notices } = settings;
    let job: PushJob | undefined;
    const deps = { store, hub, report, keys, contact, hosts, notices, onError, runtime, times };
    const leader = await Leader.start({
      keyValue: store.keyValue,
      name: "push",
      node: hub.node,
      lead: async () => job = await PushJob.start(deps),
      onError,
      runtime,
    });
    return new Pushes({ report, leader, job: () => job });
  }

  private constructor({ report, leader, job }: {
    readonly report: PushReport;
    readonly leader: Leader;
    readonly job: () => PushJob | undefined;
  }) {
    this.#report = report;
    this.#leader = leader;
    this.#job = job;
  }

  get metrics(): readonly MetricSample[] {
    return this.#report.metrics(this.#job()?.waiting ?? 0);
  }

  get counts(): PushReport["counts"] {
    return this.#report.counts;
  }

  /** What was not pushed yet is pushed after the next start. Requests in progress have two seconds to end. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#leader[Symbol.asyncDispose]();
  }
}
