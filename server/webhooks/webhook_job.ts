import type { Hub } from "../core/hub/hub.ts";
import type { Store } from "../core/model/store.ts";
import { Leader } from "../core/cluster/leader.ts";
import { DeliveryQueue } from "./delivery_queue.ts";
import { consumeReceipts } from "./receipt_consumer.ts";
import { type Tell, type WebhookCounts, WebhookReport } from "./webhook_report.ts";
import type { WebhookSettings } from "./webhook_settings.ts";
import { Webhooks } from "./webhooks.ts";

/** What the job is made from. */
export interface WebhookJobDeps {
  readonly store: Store;
  readonly hub: Pick<Hub, "receipts" | "events" | "sessions" | "node">;
  readonly tell: Tell;
  /** Told of refusals of the store, and of defects. */
  readonly onError: (error: unknown) => void;
}

/** So many tasks wait at most, and the receiver may think for so long (ms). */
const BOUNDS = { waiting: 100_000, patience: 10_000 };

/** Has a receiver told what happens: every node notes what it alone sees, and one of them does the telling. */
export class WebhookJob implements AsyncDisposable {
  readonly #report: WebhookReport;
  readonly #deliveryQueue: DeliveryQueue;
  readonly #started: AsyncDisposableStack;

  static async start(
    { store, hub, tell, onError }: WebhookJobDeps,
    settings: WebhookSettings,
    { waiting, patience } = BOUNDS,
  ): Promise<WebhookJob> {
    await using started = new AsyncDisposableStack();
    const report = new WebhookReport(tell);
    const onDropped = (count: number) => report.onDropped(count);
    const deliveryQueue = await DeliveryQueue.open(store.queue, { limit: waiting, onDropped });
    if (settings.events.includes("delivered")) {
      started.use(
        consumeReceipts({ receipts: hub.receipts, deliveryQueue, bus: store.bus, onError }),
      );
    }
    const deps = { store, hub, deliveryQueue, report, onError };
    const lead = () => Webhooks.start(deps, settings, patience);
    const { keyValue } = store;
    const leading = { keyValue, name: "webhooks", node: hub.node, lead, onError };
    started.use(await Leader.start(leading));
    return new WebhookJob(report, deliveryQueue, started.move());
  }

  private constructor(
    report: WebhookReport,
    deliveryQueue: DeliveryQueue,
    started: AsyncDisposableStack,
  ) {
    this.#report = report;
    this.#deliveryQueue = deliveryQueue;
    this.#started = started;
  }

  get counts(): WebhookCounts {
    return this.#report.counts;
  }

  /** How many tasks wait, more or less. */
  get waiting(): number {
    return this.#deliveryQueue.size;
  }

  /** What is on its way is given up, and sent again after the next start. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#started.disposeAsync();
  }
}
