import type { NodeBus, Receipt } from "../core/model/store.ts";
import { steadyNow } from "../base/clock.ts";
import type { DeliveryQueue } from "./delivery_queue.ts";

/** What the intake of receipts is made from. */
export interface ReceiptConsumerDeps {
  readonly receipts: { follow(listener: (receipts: readonly Receipt[]) => void): Disposable };
  readonly deliveryQueue: DeliveryQueue;
  readonly bus: NodeBus;
  readonly onError: (error: unknown) => void;
}

/** Puts what was received into the deliveryQueue, on whichever node it was; the one that works on it is told. */
export function consumeReceipts(
  { receipts, deliveryQueue, bus, onError }: ReceiptConsumerDeps,
): Disposable {
  return receipts.follow((batch) => {
    const due = steadyNow();
    const todos = batch.map((receipt) => ({
      due,
      task: { type: "receipt", receipt, at: receipt.at } as const,
    }));
    // In this turn of the event loop: the receipts and their tasks are kept together, or not at all.
    deliveryQueue.add(todos).then(() => bus.broadcast({ type: "tasks" }), onError);
  });
}
