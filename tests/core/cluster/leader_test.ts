import { assertEquals } from "@std/assert";
import { Leader } from "../../../server/core/cluster/leader.ts";
import { IN_MEMORY, SqliteStore } from "../../../server/stores/sqlite/sqlite_store.ts";
import { stopClock } from "../../support/clock.ts";
import { KEEP_ALL } from "../../support/retention.ts";

const TEA = "leader tea";

/** What is done while a node leads: nothing that has an end of its own. */
const NOTHING: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };

Deno.test("[F7] a node takes over from one that has died, within 20 s", async () => {
  using clock = stopClock();
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const { keyValue } = store;
  await keyValue.acquireLease(TEA, "dead", 15_000);
  const lead = () => Promise.resolve(NOTHING);
  await using leader = await Leader.start({ keyValue, name: "tea", node: "left", lead, onError });

  await clock.pass(14_000);
  assertEquals(leader.isLeading, false);
  await clock.pass(6_000);

  assertEquals(leader.isLeading, true);
});

Deno.test("[F7] a node that cannot do it says so, leaves it to another, and tries again", async () => {
  using clock = stopClock();
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const { keyValue } = store;
  await keyValue.acquireLease(TEA, "right", 1_000);
  const told: unknown[] = [];
  let isAble = false;
  await using leader = await Leader.start({
    keyValue,
    name: "tea",
    node: "left",
    lead: () => isAble ? Promise.resolve(NOTHING) : Promise.reject("no tea here"),
    onError: (error) => told.push(error),
  });

  await clock.pass(5_000);
  assertEquals([told, leader.isLeading], [["no tea here"], false]);
  assertEquals(await keyValue.acquireLease(TEA, "right", 1_000), true);
  isAble = true;
  await clock.pass(10_000);

  assertEquals([told.length, leader.isLeading], [1, true]);
});

function onError(error: unknown): void {
  throw error;
}
