import { assertEquals } from "@std/assert";
import type { Receipt } from "../../server/core/model/store.ts";
import { firstDeliveries } from "../../server/webhooks/first_deliveries.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { settle, stopClock } from "../support/clock.ts";
import { KEEP_ALL } from "../support/retention.ts";

const BOB = "bobBobBobBobBob_";
const CAROL = "carolCarolCarol_";

const DAY = 86_400_000;

/** A store in which so many notices were sent to a session. */
async function storeOf(count: number, to = BOB): Promise<SqliteStore> {
  const store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const draft = { channel: `notice:${to}`, text: "hello" };
  await store.log.append(Array.from({ length: count }, () => draft));
  return store;
}

function receiptOf(after: number, upTo: number, more: Partial<Receipt> = {}): Receipt {
  const at = 1_000;
  return { kind: "delivered", publicToken: BOB, channel: "", tab: "", after, upTo, at, ...more };
}

/** Keeps receipts, one after the other, and tells which messages each of them delivered for the first time. */
async function firstsOf(store: SqliteStore, receipts: readonly Receipt[]): Promise<number[][]> {
  await store.receipts.add(receipts);
  const found = await Promise.all(receipts.map((receipt) => firstDeliveries(receipt, store)));
  return found.map((tasks) => tasks.map((task) => "id" in task ? task.id : 0));
}

Deno.test("[I4] a receipt tells of the messages in its part of the log that no earlier one has told of", async () => {
  await using store = await storeOf(9);

  const found = await firstsOf(store, [
    receiptOf(1, 4),
    receiptOf(2, 6, { tab: "phone" }),
    receiptOf(0, 9, { kind: "seen", channel: "direct:x:y" }),
    receiptOf(5, 8, { kind: "seen", channel: `notice:${BOB}` }),
  ]);

  assertEquals(found, [[2, 3, 4], [5, 6], [], [7, 8]]);
});

Deno.test("[I4] a receipt of many messages tells of the newest 1,000 of them", async () => {
  await using store = await storeOf(1_250);

  const found = await firstsOf(store, [receiptOf(1_000, 1_250), receiptOf(0, 1_100)]);

  assertEquals(found.map((ids) => [ids.length, ids.at(0), ids.at(-1)]), [
    [250, 1_001, 1_250],
    [1_000, 1, 1_000],
  ]);
});

Deno.test("[I4] what was sent to somebody else is not told of", async () => {
  await using store = await storeOf(3, CAROL);

  assertEquals(await firstsOf(store, [receiptOf(0, 3)]), [[]]);
});

Deno.test("[I4] a message that was sent a month ago is not told of: nobody knows any more whether it is the first time", async () => {
  using clock = stopClock();
  await using store = await storeOf(1);
  await clock.pass(30 * DAY);
  const later = store.log.append([{ channel: `notice:${BOB}`, text: "later" }]);
  await settle();
  await later;

  assertEquals(await firstsOf(store, [receiptOf(0, 2)]), [[2]]);
});
