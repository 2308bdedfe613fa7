import { wallNow } from "../base/clock.ts";
import type { NodeBus, Receipt } from "../core/model/store.ts";
import type { DeliveryQueue } from "./delivery_queue.ts";

/** What the consumer works with. */
export interface ReceiptConsumerDeps {
  readonly receipts: { follow(listener: (receipts: readonly Receipt[]) => void): Disposable };
  readonly queue: DeliveryQueue;
  readonly bus: NodeBus;
  readonly onError: (error: unknown) => void;
}

/** Adds a task for each receipt of this node to the queue, and wakes the node that executes the tasks. */
export function consumeReceipts(
  { receipts, queue, bus, onError }: ReceiptConsumerDeps,
): Disposable {
  return receipts.follow((batch) => {
    const due = wallNow();
    const tasks = batch.map((receipt) => ({
      due,
      task: { type: "receipt", receipt, at: receipt.at } as const,
    }));
    // In this turn of the event loop: the store commits the receipts and their tasks together.
    queue.add(tasks).then(() => bus.broadcast({ type: "tasks" }), onError);
  });
}
