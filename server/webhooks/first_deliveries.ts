import { type Runtime, SYSTEM_RUNTIME } from "../base/runtime.ts";
import { recipientOf } from "../core/conversations/receipts.ts";
import { isMessage } from "../core/model/change.ts";
import { inboxOf } from "../core/model/message.ts";
import type { MessageLog, Receipt, ReceiptStore } from "../core/model/store.ts";
import type { WebhookTask } from "./webhook_task.ts";

/** Where the messages and receipts are. */
export interface FirstDeliveriesDeps {
  readonly log: MessageLog;
  readonly receipts: ReceiptStore;
  readonly runtime?: Runtime | undefined;
}

/** Number of messages to read at a time. */
const PAGE = 100;

/** Maximum number of deliveries for one receipt. */
const MAX_DELIVERIES = 1_000;

/** Receipts are stored for longer than this. For older messages it is unknown whether they were delivered before. */
const RECEIPT_AGE_MS = 29 * 86_400_000;

/** Finds the messages that a receipt is the first one for: the newest ones, oldest first. */
export async function firstDeliveries(
  receipt: Receipt,
  { log, receipts, runtime = SYSTEM_RUNTIME }: FirstDeliveriesDeps,
): Promise<readonly WebhookTask[]> {
  const { publicToken, tab, after, upTo, at } = receipt;
  // This node may be behind the one that has sent the messages.
  await log.newestId(upTo);
  const oldest = runtime.wallNow() - RECEIPT_AGE_MS;
  const found: WebhookTask[] = [];
  for (let before = upTo + 1; found.length < MAX_DELIVERIES;) {
    const page = await log.history(inboxOf(publicToken), before, PAGE);
    for (const message of page) {
      const { id } = message;
      if (id <= after || message.at < oldest) return found.reverse();
      if (!isMessage(message)) continue;
      if (recipientOf(message) !== publicToken || message.from?.publicToken === publicToken) {
        continue;
      }
      const [first] = await receipts.find(publicToken, message.channel, id);
      if (first && isSame(first, receipt)) found.push({ type: "delivered", id, tab, at });
    }
    before = page.at(-1)?.id ?? 0;
    if (page.length < PAGE) break;
  }
  return found.reverse();
}

/** Stores a receipt, unless it is stored. */
export async function storeMissing(receipt: Receipt, receipts: ReceiptStore): Promise<void> {
  const { publicToken, channel, upTo } = receipt;
  const found = await receipts.find(publicToken, channel, upTo);
  if (!found.some((one) => isSame(one, receipt))) await receipts.add([receipt]);
}

function isSame(one: Receipt, other: Receipt): boolean {
  return one.kind === other.kind && one.channel === other.channel && one.tab === other.tab &&
    one.after === other.after && one.upTo === other.upTo && one.at === other.at;
}
