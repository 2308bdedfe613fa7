import { assertEquals } from "@std/assert";
import { Leader } from "../../../server/core/cluster/leader.ts";
import { type Runtime, SYSTEM_RUNTIME } from "../../../server/base/runtime.ts";
import type { KeyValue } from "../../../server/core/model/store.ts";
import { IN_MEMORY, SqliteStore } from "../../../server/stores/sqlite/sqlite_store.ts";
import { stopClock } from "../../support/clock.ts";
import { KEEP_ALL } from "../../support/retention.ts";

const TEA = "leader tea";

/** Work that does nothing. */
const NO_WORK: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };

Deno.test("[F7] a node takes over from a dead leader within 20 s", async () => {
  using clock = stopClock();
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const { keyValue } = store;
  await keyValue.acquireLease(TEA, "dead", 15_000);
  const lead = () => Promise.resolve(NO_WORK);
  await using leader = await Leader.start({ keyValue, name: "tea", node: "left", lead, onError });

  await clock.pass(14_000);
  assertEquals(leader.isLeading, false);
  await clock.pass(6_000);

  assertEquals(leader.isLeading, true);
});

Deno.test("[F7] a node that cannot start the work reports it, leaves the lease to another node, and tries again", async () => {
  using clock = stopClock();
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const { keyValue } = store;
  await keyValue.acquireLease(TEA, "right", 1_000);
  const errors: unknown[] = [];
  let isAble = false;
  await using leader = await Leader.start({
    keyValue,
    name: "tea",
    node: "left",
    lead: () => isAble ? Promise.resolve(NO_WORK) : Promise.reject("no tea here"),
    onError: (error) => errors.push(error),
  });

  await clock.pass(5_000);
  assertEquals([errors, leader.isLeading], [["no tea here"], false]);
  assertEquals(await keyValue.acquireLease(TEA, "right", 1_000), true);
  isAble = true;
  await clock.pass(10_000);

  assertEquals([errors.length, leader.isLeading], [1, true]);
});

Deno.test("[F7] a leader stops before another node can get the lease, also if the store does not answer", async () => {
  using clock = stopClock();
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  let isSilent = false;
  const answer = Promise.withResolvers<void>();
  const keyValue: KeyValue = {
    ...{ get: () => fail(), set: () => fail(), replace: () => fail(), remove: () => fail() },
    acquireLease: async (...args) => {
      if (isSilent) await answer.promise;
      return await store.keyValue.acquireLease(...args);
    },
    releaseLease: (...args) => store.keyValue.releaseLease(...args),
  };
  let isWorking = false;
  const lead = () => {
    isWorking = true;
    return Promise.resolve({
      [Symbol.asyncDispose]: () => Promise.resolve(void (isWorking = false)),
    });
  };
  await using leader = await Leader.start({ keyValue, name: "tea", node: "left", lead, onError });
  isSilent = true;

  await clock.pass(9_000);
  assertEquals([isWorking, leader.isLeading], [true, true]);
  await clock.pass(2_000);
  assertEquals([isWorking, leader.isLeading], [false, false]);
  answer.resolve();
  isSilent = false;
  await clock.pass(6_000);

  assertEquals([isWorking, leader.isLeading], [true, true]);
});

Deno.test("[F70] a leader stops in time also if its timers are early", async () => {
  using clock = stopClock();
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const { keyValue } = store;
  const lead = () => Promise.resolve(NO_WORK);
  const runtime = earlyRuntime();
  const deps = { keyValue, name: "tea", node: "left", lead, onError, runtime };
  await using leader = await Leader.start(deps);
  const answer = Promise.withResolvers<boolean>();
  keyValue.acquireLease = () => answer.promise;

  await clock.pass(11_000);

  assertEquals(leader.isLeading, false);
  answer.resolve(false);
});

/** A runtime in which what is planned for a time happens half a millisecond earlier. */
function earlyRuntime(): Runtime {
  const runtime = SYSTEM_RUNTIME;
  return new Proxy(runtime, {
    get: (target, name: keyof Runtime) =>
      name === "fromNow" ? (ms: number) => target.fromNow(ms + 0.5) : target[name].bind(target),
  });
}

function fail(): never {
  throw new Error("A leader only needs leases");
}

function onError(error: unknown): void {
  throw error;
}
