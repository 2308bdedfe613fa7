import { delay } from "../../server/base/delay.ts";
import { WebhookReport } from "../../server/webhooks/webhook_report.ts";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { waitUntil } from "../support/wait_until.ts";
import { stopClock } from "../support/clock.ts";
import { TestHub } from "../support/hub.ts";
import type { WebhookSettings } from "../../server/webhooks/webhook_settings.ts";
import { formatTask } from "../../server/webhooks/webhook_task.ts";
import { messageIds, Receiver } from "./receiver.ts";
import { openWebhookHub, startWebhooks } from "./webhook_hub.ts";

/** Starts webhooks with a hub that outlives them. */
async function start(test: TestHub, receiver: Receiver, settings: Partial<WebhookSettings>) {
  const onError = (error: unknown) => {
    throw error;
  };
  const logger = { write: () => {} };
  return await startWebhooks({ store: test.store, hub: test.hub, logger, onError }, settings, {
    receiver,
  });
}

Deno.test("[I13] the first start sends new messages only, a later one continues where the last one stopped", async () => {
  await using receiver = new Receiver();
  await using test = await TestHub.open();
  const alice = await test.signIn("alice");
  await test.say(alice, "room:tea", "before");
  {
    await using webhooks = await start(test, receiver, { events: ["message"] });
    await test.say(alice, "room:tea", "first");
    await waitUntil(() => webhooks.counts.sent === 1, "the first message is sent");
  }
  await test.say(alice, "room:tea", "meanwhile");

  await using webhooks = await start(test, receiver, { events: ["message"] });
  await test.say(alice, "room:tea", "last");
  await waitUntil(() => webhooks.counts.sent === 2, "the last message is sent");

  assertEquals(messageIds(receiver.events()).sort(), [2, 3, 4]);
});

Deno.test("[I13] after a downtime, the newest 10,000 messages are sent", async () => {
  await using receiver = new Receiver();
  await using test = await TestHub.open();
  const carol = { publicToken: "carolCarolCarol_", displayName: "carol" };
  {
    await using _webhooks = await start(test, receiver, { events: ["message"] });
  }
  const drafts = Array.from({ length: 10_005 }, (_, n) => ({
    channel: "room:tea",
    from: carol,
    text: `${n}`,
  }));
  await test.store.log.append(drafts);
  receiver.answer = () => receiver.hang();

  await using webhooks = await start(test, receiver, { events: ["message"] });
  await receiver.got(4);

  assertEquals(messageIds(receiver.events()).sort(), [6, 7, 8, 9]);
  assertEquals(webhooks.waiting, 10_000);
});

Deno.test("[I13] after a downtime, messages older than 3 days are not sent", async () => {
  await using receiver = new Receiver();
  await using test = await TestHub.open();
  const alice = await test.signIn("alice");
  const settings = { events: ["message", "undelivered"], undeliveredAfterMs: 300 } as const;
  {
    await using _webhooks = await start(test, receiver, settings);
  }
  {
    // It stops at a time long ago.
    using _clock = stopClock();
    await test.hub.publishing.publish("api:x", [{ to: "user:42", text: "old" }]);
  }

  await using webhooks = await start(test, receiver, settings);
  const recent = await test.say(alice, "room:tea", "recent");
  await waitUntil(() => webhooks.counts.sent === 1, "the recent message is sent");

  assertEquals([messageIds(receiver.events()), webhooks.waiting], [[recent.id], 0]);
});

Deno.test("[I13] after a start, readers have time to come back before a message is undelivered", async () => {
  await using receiver = new Receiver();
  await using test = await TestHub.open();
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  const settings = { events: ["undelivered"], undeliveredAfterMs: 300 } as const;
  {
    await using _webhooks = await start(test, receiver, settings);
    await test.say(alice, `direct:${bob.publicToken}`, "hello");
    await waitUntil(async () => await test.store.queue.size() === 1, "it is queued");
  }
  await delay(300);
  const started = performance.now();

  await using _webhooks = await start(test, receiver, settings);
  await receiver.got(1);

  assertEquals(performance.now() - started >= 299, true);
});

Deno.test("[I7] only a status of 2xx in time accepts an event: a timeout, a closed connection and a redirect are failures", async () => {
  const limits = { maxTasks: 1_000, timeoutMs: 1_000 };
  await using hub = await openWebhookHub({ events: ["message"] }, limits);
  const { test, receiver, log } = hub;
  const alice = await test.signIn("alice");
  const answers = [
    () => receiver.hang(),
    () => Response.redirect(receiver.url, 307),
    () => new Response("endless", { status: 404 }),
    () => new Response(new ReadableStream(), { status: 202 }),
  ];
  receiver.answer = (n) => (answers[n - 1] ?? answers.at(-1)!)();

  await test.say(alice, "room:tea", "hello");
  await waitUntil(() => hub.webhooks.counts.sent === 1, "it is sent in the end");

  const { failed, ...others } = hub.webhooks.counts;
  assertEquals(others, { sent: 1, givenUp: 0, dropped: 0 });
  // On a busy machine, a good response can be late too.
  assertEquals([failed >= 3, receiver.events().length >= 4], [true, true], `${failed} failed`);
  assertEquals(new Set(receiver.events().map(({ event }) => event)).size, 1);
  assertMatch(log[0]!, /"webhook_failed".*"reason":"no answer within 1000 ms"/);
});

Deno.test("[I9] dropped events are logged and counted", async () => {
  await using hub = await openWebhookHub({ events: ["message"] }, {
    maxTasks: 10,
    timeoutMs: 10_000,
  });
  const alice = await hub.test.signIn("alice");
  hub.receiver.answer = () => hub.receiver.hang();

  for (let n = 0; n < 30; n++) await hub.test.say(alice, "room:tea", `${n}`);
  await waitUntil(() => hub.webhooks.counts.dropped === 20, "20 are dropped");

  assertEquals(hub.webhooks.waiting, 10);
  assertMatch(hub.log[0]!, /"level":"error","event":"webhooks_dropped","dropped":1/);
  assertEquals(hub.log.length, 1);
  await hub.webhooks[Symbol.asyncDispose]();
  assertMatch(hub.log[1]!, /"webhooks_dropped","dropped":20/);
  assertEquals(hub.log.length, 2);
});

Deno.test("[I9] the log tells the number of dropped events at most every ten seconds, and no later", async () => {
  using clock = stopClock();
  const log: unknown[] = [];
  const report = new WebhookReport({ write: (_level, _event, fields) => log.push(fields) });
  const drop = async (count: number) => {
    report.onDropped(count);
    await clock.pass(1_000);
  };
  for (let n = 0; n < 5; n++) await drop(1);
  assertEquals(log, [{ dropped: 1 }]);

  await clock.pass(6_000);
  assertEquals(log, [{ dropped: 1 }, { dropped: 5 }]);
  await drop(2);
  assertEquals(log.length, 2);
  report[Symbol.dispose]();

  assertEquals([log.at(-1), log.length, clock.timers], [{ dropped: 7 }, 3, 0]);
  report[Symbol.dispose]();
  assertEquals(log.length, 3);
});

Deno.test("[I15] an event whose message was removed is counted and logged; undelivered is sent without content", async () => {
  const options = { events: ["message", "undelivered"], undeliveredAfterMs: 1_000 } as const;
  await using hub = await openWebhookHub(options, { maxTasks: 1_000, timeoutMs: 10_000 });
  const { test, receiver } = hub;
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  receiver.answer = () => new Response(null, { status: 503 });
  const message = await test.say(alice, `direct:${bob.publicToken}`, "psst");
  await waitUntil(() => hub.webhooks.counts.failed > 0, "an attempt fails");

  test.store.log.get = () => Promise.resolve(undefined);
  receiver.answer = () => new Response(null, { status: 204 });
  await waitUntil(() => hub.webhooks.counts.sent === 1, "undelivered is sent");
  await waitUntil(() => hub.webhooks.counts.dropped === 1, "the other event is counted");

  const { text: _, ...head } = message;
  const [event] = receiver.events("undelivered");
  assertEquals(event?.type === "undelivered" && event.message, head);
  assertMatch(hub.log.join("\n"), /"webhooks_dropped","dropped":1/);
});

Deno.test("[I11] webhooks that cannot start leave no timer behind", async () => {
  using clock = stopClock();
  await using receiver = new Receiver();
  await using test = await TestHub.open();
  const task = { due: Date.now() + 60_000, tries: 0, body: "{}" };
  await test.store.queue.add([task], 10);
  const before = clock.timers;
  test.store.log.newestId = () => Promise.reject(new Error("it is gone"));

  await assertRejects(() => start(test, receiver, { events: ["message"] }), Error, "it is gone");

  assertEquals(clock.timers, before);
});

Deno.test("[I61] a node that was behind when it starts sends what is in the queue", async () => {
  await using receiver = new Receiver();
  await using test = await TestHub.open();
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  const { id } = await test.say(alice, `direct:${bob.publicToken}`, "hello");
  const { log, queue } = test.store;
  const [get, newestId] = [log.get.bind(log), log.newestId.bind(log)];
  log.get = () => Promise.resolve(undefined);
  log.newestId = async (known) => {
    const newest = await newestId(known);
    log.get = get;
    return newest;
  };
  const body = formatTask({ type: "delivered", id, tab: "phone", at: Date.now() });
  await queue.add([{ due: 0, tries: 0, body }], 10);

  await using _webhooks = await start(test, receiver, { events: ["delivered"] });

  assertEquals(messageIds(await receiver.got(1)), [id]);
});
