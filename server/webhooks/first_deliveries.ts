import { inboxOf } from "../core/model/topics.ts";
import { recipientOf } from "../core/conversations/receipts.ts";
import { steadyNow } from "../base/clock.ts";
import type { MessageLog, Receipt, ReceiptStore } from "../core/model/store.ts";
import type { WebhookTask } from "./webhook_task.ts";

/** So many messages are looked at in one step, and so many first deliveries are told of one receipt. */
const [STEP, MOST] = [100, 1_000];

/** Receipts are kept for longer than this (ms): of older messages, nobody knows whether it is the first time. */
const KNOWN = 29 * 86_400_000;

/** The messages that reached their session for the first time with this receipt, the newest of them, oldest first. */
export async function firstDeliveries(
  receipt: Receipt,
  { log, receipts }: { readonly log: MessageLog; readonly receipts: ReceiptStore },
): Promise<readonly WebhookTask[]> {
  const { publicToken, tab, after, upTo, at } = receipt;
  const oldest = steadyNow() - KNOWN;
  const found: WebhookTask[] = [];
  for (let before = upTo + 1; found.length < MOST;) {
    const page = await log.history(inboxOf(publicToken), before, STEP);
    for (const message of page) {
      const { id } = message;
      if (id <= after || message.at < oldest) return found.reverse();
      if (recipientOf(message) !== publicToken || message.from?.publicToken === publicToken) {
        continue;
      }
      const [first] = await receipts.find(publicToken, message.channel, id);
      if (first && isSame(first, receipt)) found.push({ type: "delivered", id, tab, at });
    }
    before = page.at(-1)?.id ?? 0;
    if (page.length < STEP) break;
  }
  return found.reverse();
}

function isSame(one: Receipt, other: Receipt): boolean {
  return one.kind === other.kind && one.tab === other.tab && one.after === other.after &&
    one.upTo === other.upTo && one.at === other.at;
}
