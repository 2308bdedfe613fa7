import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { waitUntil } from "../support/wait_until.ts";
import { stopClock } from "../support/clock.ts";
import { TestHub } from "../support/hub.ts";
import { WebhookJob } from "../../server/webhooks/webhook_job.ts";
import type { WebhookSettings } from "../../server/webhooks/webhook_settings.ts";
import { messageIds, Receiver, SECRET } from "./receiver.ts";
import { tellingHub } from "./telling_hub.ts";

/** Starts webhooks over a hub that goes on when they stop. */
async function start(test: TestHub, receiver: Receiver, settings: Partial<WebhookSettings>) {
  const { url } = receiver;
  const all = { url, secret: SECRET, events: [], undeliveredAfter: 60_000, ...settings };
  const fail = (error: unknown) => {
    throw error;
  };
  return await WebhookJob.start(
    { store: test.store, hub: test.hub, tell: () => {}, onError: fail },
    all,
  );
}

Deno.test("[I13] the first start tells what comes from now on, a later one goes on where the last one ended", async () => {
  await using receiver = new Receiver();
  await using test = await TestHub.open();
  const alice = await test.signIn("alice");
  await test.say(alice, "room:tea", "before");
  {
    await using webhooks = await start(test, receiver, { events: ["message"] });
    await test.say(alice, "room:tea", "first");
    await waitUntil(() => webhooks.counts.sent === 1, "the first is told");
  }
  await test.say(alice, "room:tea", "meanwhile");

  await using webhooks = await start(test, receiver, { events: ["message"] });
  await test.say(alice, "room:tea", "last");
  await waitUntil(() => webhooks.counts.sent === 2, "the last is told");

  assertEquals(messageIds(receiver.events()).sort(), [2, 3, 4]);
});

Deno.test("[I13] of what came while nothing was told, the newest 10,000 messages are told", async () => {
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

Deno.test("[I13] of what came while nothing was told, what is older than 3 days is not told", async () => {
  await using receiver = new Receiver();
  await using test = await TestHub.open();
  const alice = await test.signIn("alice");
  const settings = { events: ["message", "undelivered"], undeliveredAfter: 300 } as const;
  {
    await using _webhooks = await start(test, receiver, settings);
  }
  {
    // It stands at the beginning of a year that is over.
    using _clock = stopClock();
    await test.hub.publishing.publish("api:x", [{ to: "user:42", text: "old" }]);
  }

  await using webhooks = await start(test, receiver, settings);
  const young = await test.say(alice, "room:tea", "young");
  await waitUntil(() => webhooks.counts.sent === 1, "the young one is told");

  assertEquals([messageIds(receiver.events()), webhooks.waiting], [[young.id], 0]);
});

Deno.test("[I13] after a start, readers have time to come back before a message is called undelivered", async () => {
  await using receiver = new Receiver();
  await using test = await TestHub.open();
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  const settings = { events: ["undelivered"], undeliveredAfter: 300 } as const;
  {
    await using _webhooks = await start(test, receiver, settings);
    await test.say(alice, `direct:${bob.publicToken}`, "hello");
    await waitUntil(async () => await test.store.queue.size() === 1, "it is queued");
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  const started = performance.now();

  await using _webhooks = await start(test, receiver, settings);
  await receiver.got(1);

  assertEquals(performance.now() - started >= 299, true);
});

Deno.test("[I7] anything but a status of 2xx in time is a failure: no answer, no receiver, a redirect", async () => {
  const bounds = { waiting: 1_000, patience: 1_000 };
  await using hub = await tellingHub({ events: ["message"] }, bounds);
  const { test, receiver, told } = hub;
  const alice = await test.signIn("alice");
  const answers = [
    () => receiver.hang(),
    () => Response.redirect(receiver.url, 307),
    () => new Response("endless", { status: 404 }),
    () => new Response(new ReadableStream(), { status: 202 }),
  ];
  receiver.answer = (n) => (answers[n - 1] ?? answers.at(-1)!)();

  await test.say(alice, "room:tea", "hello");
  await waitUntil(() => hub.webhooks.counts.sent === 1, "it is told in the end");

  const { failed, ...others } = hub.webhooks.counts;
  assertEquals(others, { sent: 1, givenUp: 0, dropped: 0 });
  // On a busy machine even a good answer may come too late.
  assertEquals([failed >= 3, receiver.events().length >= 4], [true, true], `${failed} failed`);
  assertEquals(new Set(receiver.events().map(({ event }) => event)).size, 1);
  assertMatch(told[0]!, /"webhook_failed".*"reason":"no answer within 1000 ms"/);
});

Deno.test("[I9] a full queue is told to the operator, and counted", async () => {
  await using hub = await tellingHub({ events: ["message"] }, { waiting: 10, patience: 10_000 });
  const alice = await hub.test.signIn("alice");
  hub.receiver.answer = () => hub.receiver.hang();

  for (let n = 0; n < 30; n++) await hub.test.say(alice, "room:tea", `${n}`);
  await waitUntil(() => hub.webhooks.counts.dropped === 20, "20 are dropped");

  assertEquals(hub.webhooks.waiting, 10);
  assertMatch(hub.told[0]!, /"level":"error","event":"webhooks_dropped","dropped":1/);
  assertEquals(hub.told.length, 1);
});

Deno.test("[I11] webhooks that cannot start, since the store is away, leave nothing behind that tells", async () => {
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
