import type { NodeBus } from "../core/model/store.ts";
import type { ReceiptListener } from "../core/conversations/receipts.ts";
import { steadyNow } from "../base/clock.ts";
import type { Backlog } from "./delivery_queue.ts";

/** What the intake of receipts is made from. */
export interface ReceiptIntakeParts {
  readonly receipts: { follow(listener: ReceiptListener): Disposable };
  readonly backlog: Backlog;
  readonly bus: NodeBus;
  readonly onError: (error: unknown) => void;
}

/** Puts what was received into the backlog, on whichever node it was; the one that works on it is told. */
export function takeReceipts({ receipts, backlog, bus, onError }: ReceiptIntakeParts): Disposable {
  return receipts.follow((batch) => {
    const due = steadyNow();
    const todos = batch.map((receipt) => ({
      due,
      task: { type: "receipt", receipt, at: receipt.at } as const,
    }));
    // In this turn of the event loop: the receipts and their tasks are kept together, or not at all.
    backlog.add(todos).then(() => bus.broadcast({ type: "tasks" }), onError);
  });
}
