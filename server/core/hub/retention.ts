import { steadyNow } from "../../base/clock.ts";
import type { Store } from "../model/store.ts";

/** So long (ms) is the pause between two steps: sends and polls get their turn. */
const PAUSE = 20;

/** It is known for so long (ms) when a message was delivered. */
const RECEIPT_AGE = 30 * 86_400_000;

/** Removes old messages and receipts from a store, in short steps, until nothing is left to remove or it `isOver`. */
export async function prune({ log, receipts }: Store, isOver: () => boolean): Promise<void> {
  const inSteps = async (step: () => Promise<boolean>) => {
    while (await step() && !isOver()) await new Promise((resolve) => setTimeout(resolve, PAUSE));
  };
  await inSteps(() => log.trim());
  await inSteps(() => receipts.removeBefore(steadyNow() - RECEIPT_AGE));
}
