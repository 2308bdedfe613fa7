import type { Logger } from "../base/logger.ts";
import type { MetricSample } from "../base/metric.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../base/runtime.ts";
import { Leader } from "../core/cluster/leader.ts";
import type { Hub } from "../core/hub/hub.ts";
import type { Store } from "../core/model/store.ts";
import { DeliveryQueue } from "./delivery_queue.ts";
import { createPost } from "./post_event.ts";
import { WebhookJob, type WebhookJobDeps } from "./webhook_job.ts";
import { type WebhookCounts, WebhookReport } from "./webhook_report.ts";
import type { WebhookSettings } from "./webhook_settings.ts";

/** What webhooks need of the server. */
export interface WebhooksDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, "receipts" | "events" | "sessions" | "accounts" | "node">;
  readonly logger: Pick<Logger, "write">;
  /** Whether this worker may do what only one node does: the first one of each process. */
  readonly mayLead?: boolean;
  /** Called for errors of the store, and for internal errors. */
  readonly onError: (error: unknown) => void;
  readonly runtime?: Runtime | undefined;
  /** How events are posted. */
  readonly createPost?: WebhookJobDeps["createPost"];
}

/** Limits of webhooks. */
export interface WebhookLimits {
  /** Maximum number of tasks in the queue. */
  readonly maxTasks: number;
  /** How long to wait for the receiver's response. */
  readonly timeoutMs: number;
}

const LIMITS: WebhookLimits = { maxTasks: 100_000, timeoutMs: 10_000 };

/**
 * Posts events to the configured receiver. All workers of all nodes start it: each queues the receipts that only it sees, and one
 * does everything else. The queue is in the store, so no event is lost when a node stops.
 */
export class Webhooks implements AsyncDisposable {
  readonly #report: WebhookReport;
  readonly #queue: DeliveryQueue;
  readonly #started: AsyncDisposableStack;

  /** Returns `undefined` if webhooks are disabled. */
  static async start(
    deps: WebhooksDeps,
    settings: WebhookSettings | undefined,
    { maxTasks, timeoutMs } = LIMITS,
  ): Promise<Webhooks | undefined> {
    if (settings === undefined) return undefined;
    const { store, hub, logger, mayLead = true, onError, runtime = SYSTEM_RUNTIME } = deps;
    await using starting = new AsyncDisposableStack();
    const report = starting.use(new WebhookReport(logger, runtime));
    const onDropped = (count: number) => report.onDropped(count);
    const queue = await DeliveryQueue.open(store.queue, { limit: maxTasks, onDropped });
    if (settings.events.includes("delivered")) {
      recordReceipts({ store, hub, report, onError, runtime }, queue);
    }
    if (mayLead) {
      const post = deps.createPost ?? createPost;
      const jobDeps = { store, hub, queue, report, onError, runtime, createPost: post };
      const leader = await Leader.start({
        keyValue: store.keyValue,
        name: "webhooks",
        node: hub.node,
        lead: () => WebhookJob.start(jobDeps, { ...settings, timeoutMs }),
        onError,
        runtime,
      });
      starting.use(leader);
    }
    return new Webhooks({ report, queue, started: starting.move() });
  }

  private constructor({ report, queue, started }: {
    readonly report: WebhookReport;
    readonly queue: DeliveryQueue;
    readonly started: AsyncDisposableStack;
  }) {
    this.#report = report;
    this.#queue = queue;
    this.#started = started;
  }

  get counts(): WebhookCounts {
    return this.#report.counts;
  }

  /** Approximate number of tasks in the queue. */
  get waiting(): number {
    return this.#queue.size;
  }

  get metrics(): readonly MetricSample[] {
    return this.#report.metrics(this.waiting);
  }

  /** Aborts the requests in progress; they are sent again after the next start. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#started.disposeAsync();
  }
}

/**
 * Adds a task for each receipt of this node to the queue, and wakes the node that executes the tasks. The node does this as
 * long as it has receipts, also after its webhooks have stopped.
 */
function recordReceipts(
  { store, hub, report, onError, runtime }: Omit<WebhookJobDeps, "queue" | "createPost">,
  queue: DeliveryQueue,
): void {
  hub.receipts.useJournal({
    async record(receipts, add) {
      const due = runtime.wallNow();
      await queue.add(receipts.map((receipt) => ({
        due,
        task: { type: "receipt", receipt, at: receipt.at } as const,
      })));
      // A receipt without a task would be an event that is lost. One that is missing is stored with its task.
      await add().catch(onError);
      store.bus.broadcast({ type: "tasks" });
    },
    onLost: (count) => report.onDropped(count),
  });
}
