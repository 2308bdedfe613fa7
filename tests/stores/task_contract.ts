import { assertEquals } from "@std/assert";
import type { Receipt } from "../../server/core/model/store.ts";
import { waitUntil } from "../support/wait_until.ts";
import type { StoreTest } from "./contract.ts";

const bob = "bobBobBobBobBob_";

/** Tests of receipts, key-value pairs, leases and the task queue. */
export function taskContract(
  test: StoreTest,
): void {
  const receipt: Receipt = {
    kind: "delivered",
    publicToken: bob,
    channel: "",
    tab: "phone",
    after: 3,
    upTo: 7,
    at: 1_000,
  };

  test("[M10] a receipt covers the ids after one and up to another", async (store) => {
    await store.receipts.add([receipt]);

    const found = await Promise.all(
      [3, 4, 7, 8].map((id) => store.receipts.find(bob, "notice", id)),
    );

    assertEquals(found, [[], [receipt], [receipt], []]);
    assertEquals(await store.receipts.find("aliceAliceAlice_", "notice", 5), []);
  });

  test("[M10] a receipt of one channel covers only that channel", async (store) => {
    const seen: Receipt = { ...receipt, kind: "seen", channel: "direct:a:b" };
    await store.receipts.add([receipt, seen]);

    assertEquals(await store.receipts.find(bob, "direct:a:b", 5), [receipt, seen]);
    assertEquals(await store.receipts.find(bob, "direct:b:c", 5), [receipt]);
  });

  test("[M13] old receipts are removed", async (store) => {
    await store.receipts.add([receipt, { ...receipt, at: 5_000 }]);

    assertEquals(await store.receipts.removeBefore(5_000), false);

    assertEquals((await store.receipts.find(bob, "", 5)).map(({ at }) => at), [5_000]);
  });

  test("[M14] the last value that was set is returned", async (store) => {
    await store.keyValue.set("checkpoint", "7");
    await store.keyValue.set("checkpoint", "8");

    assertEquals(await store.keyValue.get("checkpoint"), "8");
    assertEquals(await store.keyValue.get("other"), undefined);
  });

  test("[M14] a removed value cannot be read", async (store) => {
    await store.keyValue.set("checkpoint", "7");

    await store.keyValue.remove("checkpoint");
    await store.keyValue.remove("other");

    assertEquals(await store.keyValue.get("checkpoint"), undefined);
  });

  test("[M19] a lease has one holder until it expires or is released", async (store) => {
    const acquire = (holder: string, lengthMs: number) =>
      store.keyValue.acquireLease("webhooks", holder, lengthMs);
    const release = (holder: string) => store.keyValue.releaseLease("webhooks", holder);

    assertEquals([await acquire("left", 60_000), await acquire("left", 500)], [true, true]);
    assertEquals(await acquire("right", 60_000), false);
    await waitUntil(() => acquire("right", 60_000), "the lease has expired");
    await release("left");
    assertEquals(await acquire("left", 60_000), false);
    await release("right");
    assertEquals(await acquire("left", 60_000), true);
  });

  test("[M15] tasks are listed when they are due, earliest first", async (store) => {
    const { queue } = store;
    await queue.add([
      { due: 3_000, tries: 0, body: "three" },
      { due: 1_000, tries: 0, body: "one" },
      { due: 2_000, tries: 0, body: "two" },
    ], 100);
    const due = async (time: number, limit = 10) =>
      (await queue.listDue(time, limit)).map(({ body }) => body);

    assertEquals(await due(999), []);
    assertEquals(await due(2_000), ["one", "two"]);
    assertEquals(await due(9_000, 2), ["one", "two"]);
    assertEquals(await queue.size(), 3);
  });

  test("[M15] a task stays until it is removed, and can be postponed", async (store) => {
    const { queue } = store;
    await queue.add([{ due: 1, tries: 0, body: "one" }, { due: 2, tries: 0, body: "two" }], 100);
    const [one, two] = await queue.listDue(10, 10);

    if (one) await queue.postpone({ ...one, due: 20, tries: 1 });
    if (two) await queue.remove([two.id]);

    assertEquals(await queue.listDue(10, 10), []);
    assertEquals((await queue.listDue(20, 10)).map(({ body, tries }) => [body, tries]), [[
      "one",
      1,
    ]]);
    assertEquals(await queue.size(), 1);
  });

  test("[M15] a full queue drops the oldest tasks, and returns their number", async (store) => {
    const { queue } = store;
    const tasks = [1, 2, 3].map((due) => ({ due, tries: 0, body: `${due}` }));

    assertEquals(await queue.add(tasks, 3), 0);
    assertEquals(await queue.add([{ due: 0, tries: 0, body: "new" }], 3), 1);

    assertEquals((await queue.listDue(10, 10)).map(({ body }) => body), ["new", "2", "3"]);
  });

  test("[M15] a full queue drops no more tasks than necessary, also after others were removed", async (store) => {
    const { queue } = store;
    await queue.add([1, 2, 3, 4, 5, 6].map((due) => ({ due, tries: 0, body: `${due}` })), 6);
    const tasks = await queue.listDue(10, 10);
    await queue.remove(tasks.filter(({ due }) => [3, 4, 5].includes(due)).map(({ id }) => id));

    assertEquals(await queue.add([{ due: 7, tries: 0, body: "7" }], 3), 1);

    assertEquals((await queue.listDue(10, 10)).map(({ body }) => body), ["2", "6", "7"]);
    assertEquals(await queue.size(), 3);
  });
}
