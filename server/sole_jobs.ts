import type { Config } from "./config/config.ts";
import type { Hub } from "./core/hub/hub.ts";
import type { Store } from "./core/model/store.ts";
import type { Logger } from "./base/logger.ts";
import { counter, gauge, type MetricSample } from "./base/metric.ts";
import { Leader } from "./core/cluster/leader.ts";
import { WebhookJob } from "./webhooks/webhook_job.ts";
import { type NoticeFigures, type Notices, startNotices } from "./notices/notices.ts";

/** What these jobs need of the rest. */
export interface LeaderJobDeps {
  readonly hub: Hub;
  readonly store: Store;
  readonly events: Logger;
  /** Told of refusals of the store, and of defects. */
  readonly onError: (job: string, error: unknown) => void;
}

/** A job that one node does for all, and what it has to tell. */
export interface LeaderJob extends AsyncDisposable {
  readonly figures: readonly MetricSample[];
}

const NOTHING_READ: NoticeFigures = { published: 0, skipped: 0, failures: 0, isReadable: true };

/** Reads notices from a database, on one node. Throws a `SourceError` when that cannot be. */
export async function startNoticeJob(
  { hub, store: { keyValue }, events, onError }: LeaderJobDeps,
  { notices: settings, intervalTime: interval }: Config,
): Promise<LeaderJob | undefined> {
  const { isOn, database } = settings;
  if (!isOn || database === undefined) return undefined;
  let notices: Notices | undefined;
  const leader = await Leader.start({
    keyValue,
    name: "notices",
    node: hub.node,
    lead: async () =>
      notices = await startNotices({ hub, keyValue, events }, { database, settings, interval }),
    onError: (error) => onError("notices", error),
  });
  return {
    get figures() {
      return figuresOfNotices(notices?.figures ?? NOTHING_READ);
    },
    [Symbol.asyncDispose]: () => leader[Symbol.asyncDispose](),
  };
}

/** Tells a receiver what happens, from one node. */
export async function startWebhookJob(
  { hub, store, events, onError }: LeaderJobDeps,
  { webhooks: settings }: Config,
): Promise<LeaderJob | undefined> {
  if (settings === undefined) return undefined;
  const job = await WebhookJob.start({
    store,
    hub,
    tell: (...line) => events.write(...line),
    onError: (error) => onError("webhooks", error),
  }, settings);
  return {
    get figures() {
      return figuresOfWebhooks(job);
    },
    [Symbol.asyncDispose]: () => job[Symbol.asyncDispose](),
  };
}

function figuresOfNotices(figures: NoticeFigures): readonly MetricSample[] {
  const { published, skipped, failures, isReadable } = figures;
  return [
    counter("notices_published_total", "Rows of the database that became notices", published),
    counter("notices_skipped_total", "Rows that cannot become notices", skipped),
    counter("notices_failures_total", "How often the database could not be read", failures),
    gauge(
      "notices_database_up",
      "Whether the database could be read the last time",
      isReadable ? 1 : 0,
    ),
  ];
}

function figuresOfWebhooks({ counts, waiting }: WebhookJob): readonly MetricSample[] {
  const { sent, failed, givenUp, dropped } = counts;
  return [
    counter("webhooks_sent_total", "Events that the receiver has taken", sent),
    counter("webhooks_failed_total", "Tries that have failed", failed),
    counter("webhooks_given_up_total", "Events that were tried in vain for too long", givenUp),
    counter("webhooks_dropped_total", "Events for which there was no room", dropped),
    gauge("webhooks_waiting", "Tasks in the queue", waiting),
  ];
}
