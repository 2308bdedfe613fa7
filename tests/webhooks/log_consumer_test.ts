import { assertEquals } from "@std/assert";
import type { Message } from "../../server/protocol/message.ts";
import { Refused } from "../../server/core/model/refused.ts";
import { DeliveryQueue } from "../../server/webhooks/delivery_queue.ts";
import { LogConsumer } from "../../server/webhooks/log_consumer.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { settle, stopClock } from "../support/clock.ts";
import { KEEP_ALL } from "../support/retention.ts";

const CAROL = { publicToken: "carolCarolCarol_", displayName: "carol" };

/** Opens a consumer of the messages in the room tea, and its store. */
async function open() {
  const stack = new AsyncDisposableStack();
  const store = stack.use(SqliteStore.open(IN_MEMORY, KEEP_ALL));
  const queue = await DeliveryQueue.open(store.queue, {
    limit: 1_000,
    onDropped: () => {},
  });
  const errors: unknown[] = [];
  const tasksOf = ({ id, at, channel }: Message) =>
    channel === "room:tea" ? [{ due: at, task: { type: "message", id, at } as const }] : [];
  const deps = { log: store.log, keyValue: store.keyValue, queue, tasksOf };
  stack.use(
    await LogConsumer.open({
      ...deps,
      onAdded: () => {},
      onMissed: () => {},
      onError: (error) => errors.push(error),
    }),
  );
  const say = async (channel: string, count = 1) => {
    const draft = { channel, from: CAROL, text: "hello" };
    const appended = store.log.append(Array.from({ length: count }, () => draft));
    await settle();
    await appended;
    await settle();
  };
  const queued = async () =>
    (await store.queue.listDue(1e15, 100)).map(({ body }) => JSON.parse(body).id);
  const offset = () => store.keyValue.get("webhooks");
  const dispose = () => stack.disposeAsync();
  return { store, errors, say, queued, offset, [Symbol.asyncDispose]: dispose };
}

Deno.test("[I10] tasks that cannot be queued are queued later, once; the offset is not saved before", async () => {
  using clock = stopClock();
  await using run = await open();
  const { queue } = run.store;
  const add = queue.add.bind(queue);
  queue.add = () => Promise.reject(new Refused("store_unavailable", "the disk is full"));
  await run.say("room:tea");
  await run.say("room:tea");

  queue.add = add;
  const before = await run.queued();
  await clock.pass(2_000);

  assertEquals([before, run.errors.length], [[], 1]);
  assertEquals([await run.queued(), await run.offset()], [[1, 2], "2"]);
});

Deno.test("[I12] the offset is not saved while it is not known that the tasks are in the queue", async () => {
  using _clock = stopClock();
  await using run = await open();
  const { queue } = run.store;
  const adding = Promise.withResolvers<number>();
  queue.add = () => adding.promise;

  await run.say("room:tea");
  const before = await run.offset();
  adding.resolve(0);
  await settle();

  assertEquals([before, await run.offset()], ["0", "1"]);
});

Deno.test("[I10] tasks that are in the queue are not added again while the offset cannot be saved", async () => {
  using clock = stopClock();
  await using run = await open();
  const { keyValue } = run.store;
  const set = keyValue.set.bind(keyValue);
  keyValue.set = () => Promise.reject(new Refused("store_unavailable", "the disk is full"));
  await run.say("room:tea");

  keyValue.set = set;
  await clock.pass(2_000);

  assertEquals([await run.queued(), await run.offset()], [[1], "1"]);
});

Deno.test("[I13] the offset is saved after tasks, else once in 1,000 messages", async () => {
  using _clock = stopClock();
  await using run = await open();

  await run.say("room:tea");
  await run.say("room:milk", 999);
  const before = await run.offset();
  await run.say("room:milk", 1);

  assertEquals([before, await run.offset()], ["1", "1001"]);
});

Deno.test("[I15] messages that were removed before they are read are counted, as are those too far behind", async () => {
  using _clock = stopClock();
  const retention = { ...KEEP_ALL, maxMessages: 3 };
  await using store = SqliteStore.open(IN_MEMORY, retention);
  const queue = await DeliveryQueue.open(store.queue, { limit: 1_000, onDropped: () => {} });
  const missed: number[] = [];
  const consume = () =>
    LogConsumer.open({
      log: store.log,
      keyValue: store.keyValue,
      queue,
      tasksOf: () => [],
      onAdded: () => {},
      onMissed: (count) => missed.push(count),
      onError: (error) => assertEquals(error, undefined),
    });
  const say = async (channel: string, count: number) => {
    const draft = { channel, from: CAROL, text: "hello" };
    const appended = store.log.append(Array.from({ length: count }, () => draft));
    await settle();
    await appended;
  };
  const trim = async () => {
    const trimming = store.log.trim(0);
    await settle();
    return await trimming;
  };
  const first = consume();
  await settle();
  await (await first)[Symbol.asyncDispose]();

  await say("room:milk", 1);
  await say("room:tea", 6);
  while (await trim());
  await (await consume())[Symbol.asyncDispose]();
  const removed = missed.splice(0);
  retention.maxMessages = 0;
  while (await trim());
  await (await consume())[Symbol.asyncDispose]();
  const all = missed.splice(0);
  retention.maxMessages = 1e9;
  await say("room:tea", 10_003);
  await (await consume())[Symbol.asyncDispose]();

  assertEquals([removed, all, missed], [[4], [], [3]]);
});
