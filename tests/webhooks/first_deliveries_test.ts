import { assertEquals } from "@std/assert";
import type { MessageLog, Receipt } from "../../server/core/model/store.ts";
import { firstDeliveries } from "../../server/webhooks/first_deliveries.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { settle, stopClock } from "../support/clock.ts";
import { KEEP_ALL } from "../support/retention.ts";

const BOB = "bobBobBobBobBob_";
const CAROL = "carolCarolCarol_";

const DAY = 86_400_000;

/** Opens a store with `count` notices to a session. */
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

/** Stores receipts; returns the ids of the messages that each of them delivered first. */
async function firstDeliveriesOf(
  store: SqliteStore,
  receipts: readonly Receipt[],
): Promise<number[][]> {
  await store.receipts.add(receipts);
  const found = await Promise.all(receipts.map((receipt) => firstDeliveries(receipt, store)));
  return found.map((tasks) => tasks.map((task) => "id" in task ? task.id : 0));
}

Deno.test("[I4] a receipt delivers the messages of its range that no earlier receipt covers", async () => {
  await using store = await storeOf(9);

  const found = await firstDeliveriesOf(store, [
    receiptOf(1, 4),
    receiptOf(2, 6, { tab: "phone" }),
    receiptOf(0, 9, { kind: "seen", channel: "direct:x:y" }),
    receiptOf(5, 8, { kind: "seen", channel: `notice:${BOB}` }),
  ]);

  assertEquals(found, [[2, 3, 4], [5, 6], [], [7, 8]]);
});

Deno.test("[I4] a receipt delivers at most the newest 1,000 messages", async () => {
  await using store = await storeOf(1_250);

  const found = await firstDeliveriesOf(store, [receiptOf(1_000, 1_250), receiptOf(0, 1_100)]);

  assertEquals(found.map((ids) => [ids.length, ids.at(0), ids.at(-1)]), [
    [250, 1_001, 1_250],
    [1_000, 1, 1_000],
  ]);
});

Deno.test("[I4] a receipt does not deliver messages to other sessions", async () => {
  await using store = await storeOf(3, CAROL);

  assertEquals(await firstDeliveriesOf(store, [receiptOf(0, 3)]), [[]]);
});

Deno.test("[I4] a receipt does not deliver messages of a month ago, whose earlier receipts may be removed", async () => {
  using clock = stopClock();
  await using store = await storeOf(1);
  await clock.pass(30 * DAY);
  const later = store.log.append([{ channel: `notice:${BOB}`, text: "later" }]);
  await settle();
  await later;

  assertEquals(await firstDeliveriesOf(store, [receiptOf(0, 2)]), [[2]]);
});

Deno.test("[M30] a receipt for a direct channel delivers no notice within its range", async () => {
  await using store = await storeOf(3);
  const channel = `direct:${BOB}:${CAROL}`;
  const from = { publicToken: CAROL, displayName: "carol" };
  await store.log.append([{ channel, from, text: "direct" }]);

  const found = await firstDeliveriesOf(store, [
    receiptOf(0, 4, { channel, tab: "widget" }),
    receiptOf(0, 4, { tab: "page" }),
  ]);

  assertEquals(found, [[4], [1, 2, 3]]);
});

Deno.test("[I61] a receipt waits until this node has the messages that it is for", async () => {
  await using store = await storeOf(3);
  const { receipts } = store;
  const receipt = receiptOf(0, 3);
  await receipts.add([receipt]);
  // The messages arrive at this node when it waits for them.
  let newest = 1;
  const log: MessageLog = {
    ...{ epoch: store.log.epoch, append: fail, read: fail, scan: fail, get: fail, trim: fail },
    follow: fail,
    newestId: (known = 0) => Promise.resolve(newest = known),
    history: (topic, before = Infinity, limit) =>
      store.log.history(topic, Math.min(before, newest + 1), limit),
  };

  const found = await firstDeliveries(receipt, { log, receipts });

  assertEquals(found.map((task) => "id" in task && task.id), [1, 2, 3]);
});

function fail(): never {
  throw new Error("A receipt only needs the history");
}
