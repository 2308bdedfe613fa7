import { assert, assertEquals } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import { DeliveryQueue } from "../../server/webhooks/delivery_queue.ts";
import { Dispatcher, type Outcome } from "../../server/webhooks/dispatcher.ts";
import { IN_MEMORY, SqliteStore } from "../../server/stores/sqlite/sqlite_store.ts";
import { settle, stopClock, type StoppedClock } from "../support/clock.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { openDispatcher } from "./scripted_dispatcher.ts";

const SENT: Outcome = { kind: "sent" };
const FAILED: Outcome = { kind: "failed", reason: "the receiver answered 500" };
const REPLACED: Outcome = {
  kind: "replaced",
  by: [{ type: "delivered", id: 2, tab: "phone", at: 0 }],
};
const [MINUTE, DAY] = [60_000, 86_400_000];

/** Lets seconds pass one by one, so that the store can work in between. */
async function passSlowly(clock: StoppedClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) await clock.pass(1_000);
}

Deno.test("[I7] a failed event is sent again after about 1 s, 2 s, 4 s …, until it is accepted", async () => {
  using clock = stopClock();
  await using run = await openDispatcher((_, n) => n < 5 ? FAILED : SENT);
  await run.add(1);

  await passSlowly(clock, 60);

  const delays = run.tries.map(([, at], n) => at - (run.tries[n - 1]?.[1] ?? 0)).slice(1);
  assertEquals(delays.length, 4);
  for (const [n, ms] of delays.entries()) {
    assert(ms >= 500 * 2 ** n && ms <= 1_000 * 2 ** n, `${ms} ms before attempt ${n + 2}`);
  }
  assertEquals(await run.store.queue.size(), 0);
});

Deno.test("[I7] an event is tried at least every 10 minutes for 3 days, then given up", async () => {
  using clock = stopClock();
  await using run = await openDispatcher(() => FAILED);
  await run.add(1);

  while (run.givenUp.length === 0) await clock.pass(10 * MINUTE);

  const [, last] = run.tries.at(-1)!;
  assert(last >= 3 * DAY && last < 3 * DAY + 10 * MINUTE, `the last attempt was after ${last} ms`);
  for (const [n, [, at]] of run.tries.entries()) {
    assert(at - (run.tries[n - 1]?.[1] ?? 0) <= 10 * MINUTE, `before attempt ${n + 1}`);
  }
  assertEquals(run.givenUp, [run.tries.length]);
  assertEquals(await run.store.queue.size(), 0);
});

Deno.test("[I7] an event that is older than 3 days is tried once more", async () => {
  using clock = stopClock();
  await using run = await openDispatcher((id) => id === 1 ? FAILED : SENT);
  await run.store.queue.add(
    [1, 2].map((id) => ({
      due: Date.now(),
      tries: 0,
      body: JSON.stringify({ type: "message", id, at: Date.now() - 4 * DAY }),
    })),
    10,
  );

  run.dispatcher.wake();
  await clock.pass(MINUTE);

  assertEquals(run.tries.map(([id]) => id), [1, 2]);
  assertEquals(run.givenUp, [1]);
});

Deno.test("[I8] at most 4 events are in progress, in the order in which they are due", async () => {
  using clock = stopClock();
  const slow = () => new Promise<Outcome>((resolve) => setTimeout(() => resolve(SENT), 100));
  await using run = await openDispatcher(slow);
  await run.add(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

  await clock.pass(100);
  await clock.pass(100);
  await clock.pass(100);

  assertEquals(run.seen.maxInProgress, 4);
  assertEquals(run.tries, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((id, n) => [id, 100 * (n >> 2)]));
});

Deno.test("[I8] an event without a response does not delay the others", async () => {
  using clock = stopClock();
  const hang = () => new Promise<Outcome>((resolve) => setTimeout(() => resolve(FAILED), 10_000));
  await using run = await openDispatcher((id) => id <= 3 ? hang() : SENT);

  await run.add(1, 2, 3, 4, 5, 6, 7, 8);

  assertEquals(run.tries, [1, 2, 3, 4, 5, 6, 7, 8].map((id) => [id, 0]));
  await clock.pass(10_000);
});

Deno.test("[I8] while everything fails, one event at a time is tried, finally every 10 s", async () => {
  using clock = stopClock();
  let isUp = false;
  await using run = await openDispatcher(() => isUp ? SENT : FAILED);
  await run.add(...Array.from({ length: 200 }, (_, n) => n + 1));
  await passSlowly(clock, 60);
  const before = run.tries.length;

  await passSlowly(clock, 600);
  const during = run.tries.length - before;
  isUp = true;
  await passSlowly(clock, 600);

  assert(before <= 14, `${before} attempts in the first minute`);
  assert(during >= 55 && during <= 61, `${during} attempts in ten minutes`);
  assertEquals(await run.store.queue.size(), 0);
});

Deno.test("[I8] events that fail do not delay others that are accepted", async () => {
  using clock = stopClock();
  await using run = await openDispatcher((id) => id % 2 === 0 ? FAILED : SENT);

  await run.add(...Array.from({ length: 40 }, (_, n) => n + 1));
  await clock.pass(0);

  assertEquals(run.tries.filter(([, at]) => at === 0).length, 40);
});

Deno.test("[I9] a full queue drops its oldest events and reports their number", async () => {
  using _clock = stopClock();
  const blocked = Promise.withResolvers<Outcome>();
  await using run = await openDispatcher((id) => id <= 4 ? blocked.promise : SENT, 10);
  await run.add(1, 2, 3, 4);

  await run.add(...Array.from({ length: 20 }, (_, n) => n + 5));

  assertEquals([run.seen.dropped, run.queue.size], [14, 10]);
  blocked.resolve(SENT);
  await settle();
  await settle();
  const sent = run.tries.map(([id]) => id);
  assertEquals(sent, [1, 2, 3, 4, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
  assertEquals([run.queue.size, await run.store.queue.size()], [0, 0]);
});

Deno.test("[I10] an accepted event is not sent again while the store cannot be written", async () => {
  using clock = stopClock();
  await using run = await openDispatcher(() => SENT);
  const { queue } = run.store;
  const remove = queue.remove.bind(queue);
  queue.remove = () => Promise.reject(new Refused("store_unavailable", "the disk is full"));
  await run.add(1);
  await clock.pass(MINUTE);

  queue.remove = remove;
  await clock.pass(MINUTE);

  assertEquals(run.tries, [[1, 0]]);
  assertEquals(await queue.size(), 0);
});

Deno.test("[I10] after an error, the queue is read again", async () => {
  using clock = stopClock();
  await using run = await openDispatcher(() => SENT);
  const { queue } = run.store;
  const due = queue.listDue.bind(queue);
  queue.listDue = () => Promise.reject(new Refused("store_unavailable", "it is gone"));
  await run.add(1);

  queue.listDue = due;
  await clock.pass(2_000);

  assertEquals(run.tries, [[1, 2_000]]);
});

Deno.test("[I10] a task that cannot be parsed is removed", async () => {
  using _clock = stopClock();
  await using run = await openDispatcher(() => SENT);
  const bodies = ["", "null", "{", '{"type":"of a newer version"}', "[]"];
  await run.store.queue.add(bodies.map((body) => ({ due: 0, tries: 0, body })), 10);

  run.dispatcher.wake();
  for (let n = 0; n < 5; n++) await settle();

  assertEquals([run.tries.length, run.seen.errors, await run.store.queue.size()], [0, [], 0]);
});

Deno.test("[I10] a task of another node is found within ten seconds, although the news of it was lost", async () => {
  using clock = stopClock();
  await using run = await openDispatcher(() => SENT);
  const task = { type: "message", id: 1, at: Date.now() } as const;
  const added = run.queue.add([{ due: Date.now(), task }]);
  await settle();
  await added;

  await clock.pass(10_000);

  assertEquals(run.tries, [[1, 10_000]]);
});

Deno.test("[I11] an attempt that is aborted by the stop does not count", async () => {
  using _clock = stopClock();
  await using store = SqliteStore.open(IN_MEMORY, KEEP_ALL);
  const queue = await DeliveryQueue.open(store.queue, { limit: 10, onDropped: () => {} });
  await queue.add([{ due: 0, task: { type: "message", id: 1, at: Date.now() } }]);
  const failures: unknown[] = [];
  const dispatcher = new Dispatcher({
    queue,
    execute: (_, signal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve(FAILED))),
    onSent: () => {},
    onFailed: (failure) => failures.push(failure),
    onGivenUp: () => {},
    onError: (error) => failures.push(error),
  });
  await settle();

  await dispatcher[Symbol.asyncDispose]();

  const [task] = await store.queue.listDue(Date.now(), 10);
  assertEquals([task?.due, task?.tries, failures], [0, 0, []]);
});

Deno.test("[I11] a waiting dispatcher has one timer, a stopped one has none", async () => {
  using clock = stopClock();
  const before = clock.timers;
  const run = await openDispatcher((id) => id === 1 ? FAILED : SENT);
  await run.add(1, 2, 3);
  assertEquals(clock.timers, before + 1);

  await run[Symbol.asyncDispose]();

  assertEquals(clock.timers, before);
});

Deno.test("[I60] a task stays in the queue if those that replace it cannot be added before the stop", async () => {
  using _clock = stopClock();
  const replaced = Promise.withResolvers<Outcome>();
  await using run = await openDispatcher(() => replaced.promise);
  const { queue } = run.store;
  await run.add(1);
  queue.add = () => Promise.reject(new Refused("store_unavailable", "the disk is full"));

  replaced.resolve(REPLACED);
  await settle();
  await run.dispatcher[Symbol.asyncDispose]();

  assertEquals([run.errors.length, await queue.size()], [1, 1]);
});

Deno.test("[I60] a task that cannot be removed when it was replaced is not replaced again", async () => {
  using clock = stopClock();
  await using run = await openDispatcher((id) => id === 1 ? REPLACED : SENT);
  const { queue } = run.store;
  const remove = queue.remove.bind(queue);
  queue.remove = () => Promise.reject(new Refused("store_unavailable", "the disk is full"));
  await run.add(1);
  await clock.pass(MINUTE);

  queue.remove = remove;
  await clock.pass(MINUTE);

  assertEquals(run.tries.map(([id]) => id), [1, 2]);
  assertEquals(await queue.size(), 0);
});
