import { assertEquals, assertLessOrEqual, assertMatch } from "@std/assert";
import { waitUntil } from "../support/wait_until.ts";
import { isSigned, messageIds } from "./receiver.ts";
import { fetchAll, openWebhookHub } from "./webhook_hub.ts";

Deno.test("[I1] an event is posted as JSON, with a signature of the time and the body", async () => {
  await using hub = await openWebhookHub({ events: ["message"] });
  const alice = await hub.test.signIn("alice");

  await hub.test.say(alice, "room:tea", "grüße ☕");
  await hub.receiver.got(1);

  const [received] = hub.receiver.received;
  const { headers } = received!;
  assertEquals(headers.get("content-type"), "application/json");
  assertEquals(headers.get("x-halley-event"), "message");
  assertEquals(isSigned(received!), true);
  assertEquals(isSigned({ ...received!, body: received!.body + " " }), false);
  const [, t] = /^t=(\d+),/.exec(headers.get("x-halley-signature") ?? "") ?? [];
  assertLessOrEqual(Math.abs(Number(t) - Date.now() / 1_000), 5);
});

Deno.test("[I2] `message` is sent once for every message, with the message as readers get it", async () => {
  await using hub = await openWebhookHub({ events: ["message"] });
  const { test, receiver } = hub;
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];

  const said = [
    await test.say(alice, "room:tea", "hello"),
    await test.say(bob, `direct:${alice.publicToken}`, "psst"),
    await test.send(alice, { channel: "room:tea", data: { cups: 2 } }),
  ];
  const [notice] = await test.hub.publishing.publish("api:x", [
    { to: "everyone", title: "Tea", text: "is ready" },
  ]);
  const events = await receiver.got(4);

  const { epoch } = test.store.log;
  const byId = events.sort((one, other) => one.at - other.at || (one.event < other.event ? -1 : 1));
  assertEquals(
    byId,
    [...said, notice!.message].map((message) => ({
      type: "message",
      event: `${epoch}.message.${message.id}`,
      at: message.at,
      message,
    })),
  );
});

Deno.test("[I3] `presence` is sent when someone enters a room, goes to the background, and leaves", async () => {
  await using hub = await openWebhookHub({ events: ["presence"] });
  const { test, receiver } = hub;
  const alice = await test.signIn("alice");
  const { person: from } = alice;

  await test.poll(alice, { hold: 0 });
  await test.poll(alice, { hold: 0, state: "background" });
  await test.hub.accounts.signOut(alice);
  const events = await receiver.got(3, "presence");

  const states = events.map((event) => {
    if (event.type !== "presence") throw new Error(event.type);
    assertEquals([event.channel, event.from], ["room:tea", from]);
    return event.state;
  });
  assertEquals(states.sort(), ["active", "background", "offline"]);
  assertEquals(new Set(events.map(({ event }) => event)).size, 3);
});

Deno.test("[I3] `presence` is sent for rooms that have too many readers for presence signals", async () => {
  await using hub = await openWebhookHub({ events: ["presence"] });
  const people = await Promise.all(
    Array.from({ length: 102 }, (_, n) => hub.test.signIn(`reader ${n}`)),
  );

  for (const person of people) await hub.test.poll(person, { hold: 0 });

  await hub.receiver.got(102, "presence");
});

Deno.test("[I4] `delivered` is sent once for a message to one session, when its first tab has it", async () => {
  await using hub = await openWebhookHub({ events: ["delivered"] });
  const { test, receiver } = hub;
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  const cursor = await test.cursor(bob);
  await test.say(alice, "room:tea", "not for one session");
  const direct = await test.say(alice, `direct:${bob.publicToken}`, "hello");
  const [notice] = await test.hub.publishing.publish("api:x", [
    { to: `session:${bob.publicToken}`, text: "the tea is ready" },
  ]);
  const mine = await test.say(bob, `direct:${alice.publicToken}`, "mine");

  await fetchAll(test, bob, { tab: "phone", cursor });
  await test.hub.receipts.flush();
  await fetchAll(test, bob, { tab: "laptop", cursor });
  await test.hub.conversations.open(bob, direct.channel, { readUpTo: mine.id });
  await test.hub.receipts.flush();
  await fetchAll(test, alice, { tab: "", cursor });
  await test.hub.receipts.flush();
  const events = await receiver.got(3);

  const byId = new Map(events.map((event) => [messageIds([event])[0], event]));
  assertEquals([...byId.keys()].sort(), [direct.id, notice!.message.id, mine.id]);
  const { at, ...event } = byId.get(direct.id)!;
  assertEquals(event, {
    type: "delivered",
    event: `${test.store.log.epoch}.delivered.${direct.id}`,
    message: direct,
    recipient: { publicToken: bob.publicToken, displayName: "bob" },
    tab: "phone",
  });
  assertLessOrEqual(Math.abs(at - Date.now()), 5_000);
  assertEquals(hub.webhooks.counts, { sent: 3, failed: 0, givenUp: 0, dropped: 0 });
});

Deno.test("[I4] a message that is read before a tab acknowledges it is `delivered` once", async () => {
  await using hub = await openWebhookHub({ events: ["delivered"] });
  const { test, receiver } = hub;
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  const cursor = await test.cursor(bob);
  const first = await test.say(alice, `direct:${bob.publicToken}`, "hello");

  await test.hub.conversations.open(bob, first.channel, { readUpTo: first.id, tab: "phone" });
  await fetchAll(test, bob, { tab: "phone", cursor });
  await test.hub.receipts.flush();
  const second = await test.say(alice, `direct:${bob.publicToken}`, "again");
  await fetchAll(test, bob, { tab: "phone", cursor });
  await test.hub.receipts.flush();

  assertEquals(messageIds(await receiver.got(2)).sort(), [first.id, second.id]);
});

Deno.test("[I4] a message that two tabs get at the same time is `delivered` once", async () => {
  await using hub = await openWebhookHub({ events: ["delivered"] });
  const { test, receiver } = hub;
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  const cursor = await test.cursor(bob);
  for (const text of ["one", "two", "three"]) {
    await test.say(alice, `direct:${bob.publicToken}`, text);
  }

  await Promise.all(["phone", "laptop"].map((tab) => fetchAll(test, bob, { tab, cursor })));
  await test.hub.receipts.flush();
  const last = await test.say(alice, `direct:${bob.publicToken}`, "four");
  await fetchAll(test, bob, { tab: "phone", cursor });
  await test.hub.receipts.flush();
  await receiver.got(4);

  assertEquals(messageIds(receiver.events()).sort(), [1, 2, 3, last.id]);
});

Deno.test("[I5] `undelivered` is sent for a message to one session that is not delivered in time", async () => {
  await using hub = await openWebhookHub({ events: ["undelivered"], undeliveredAfterMs: 300 });
  const { test, receiver } = hub;
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  await test.say(alice, "room:tea", "not for one session");
  await test.say(alice, `direct:${alice.publicToken}`, "a note to myself");
  const direct = await test.say(alice, `direct:${bob.publicToken}`, "hello");
  const [notice] = await test.hub.publishing.publish("api:x", [
    { to: "user:42", title: "Order", text: "shipped" },
  ]);

  const events = await receiver.got(2);

  assertEquals(
    events.sort((one, other) => one.event < other.event ? -1 : 1),
    [
      {
        type: "undelivered",
        event: `${test.store.log.epoch}.undelivered.${direct.id}`,
        at: direct.at + 300,
        message: direct,
        recipient: { publicToken: bob.publicToken, displayName: "bob" },
      },
      {
        type: "undelivered",
        event: `${test.store.log.epoch}.undelivered.${notice!.message.id}`,
        at: notice!.message.at + 300,
        message: notice!.message,
        recipient: { publicToken: await test.hub.sessions.tokenOf("42"), userId: "42" },
      },
    ],
  );
  assertLessOrEqual(direct.at + 300, Date.now());
});

Deno.test("[I5] an event has the recipient's user id and name if they are known", async () => {
  await using hub = await openWebhookHub({ events: ["undelivered"], undeliveredAfterMs: 300 });
  const { test, receiver } = hub;
  const { publicToken } = await test.hub.signInUser("42", "bob");
  await test.hub.publishing.publish("api:x", [{ to: "user:42", text: "shipped" }]);

  const [event] = await receiver.got(1);

  if (event?.type !== "undelivered") throw new Error("another event");
  assertEquals(event.recipient, { publicToken, displayName: "bob", userId: "42" });
});

Deno.test("[I5] a message that is delivered or read in time is not `undelivered`", async () => {
  await using hub = await openWebhookHub({ events: ["undelivered"], undeliveredAfterMs: 1_500 });
  const { test, receiver, webhooks } = hub;
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  const carol = await test.signIn("carol");
  const cursor = await test.cursor(bob);
  await test.say(alice, `direct:${bob.publicToken}`, "delivered");
  const seen = await test.say(alice, `direct:${carol.publicToken}`, "seen");
  await fetchAll(test, bob, { tab: "", cursor });
  await test.hub.receipts.flush();
  await test.hub.conversations.open(carol, seen.channel, { readUpTo: seen.id });
  const late = await test.say(alice, `direct:${bob.publicToken}`, "not delivered");

  const events = await receiver.got(1);

  assertEquals(messageIds(events), [late.id]);
  assertEquals(webhooks.counts.sent <= 1, true);
});

Deno.test("[I5] a message that is delivered between two attempts is not sent again as `undelivered`", async () => {
  await using hub = await openWebhookHub({ events: ["undelivered"], undeliveredAfterMs: 100 });
  const { test, receiver, webhooks } = hub;
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  const cursor = await test.cursor(bob);
  const delivered = Promise.withResolvers<Response>();
  receiver.answer = (n) => n === 1 ? delivered.promise : new Response(null, { status: 204 });
  await test.say(alice, `direct:${bob.publicToken}`, "hello");

  await receiver.got(1);
  await fetchAll(test, bob, { tab: "", cursor });
  await test.hub.receipts.flush();
  delivered.resolve(new Response(null, { status: 503 }));
  const next = await test.say(alice, `direct:${bob.publicToken}`, "again");
  await waitUntil(() => webhooks.waiting === 0, "the queue is empty");

  assertEquals(messageIds(receiver.events().slice(1)), [next.id]);
});

Deno.test("[I6] events contain no private token, and the log contains neither secret nor URL", async () => {
  await using hub = await openWebhookHub({ events: ["message", "presence", "delivered"] });
  const { test, receiver, log } = hub;
  const { privateToken } = await test.hub.signIn("alice");
  const alice = (await test.hub.sessions.authenticate(privateToken))!;
  receiver.answer = (n) => new Response(null, { status: n <= 2 ? 500 : 204 });
  const cursor = await test.cursor(alice);
  await test.hub.publishing.publish("api:x", [{ to: `session:${alice.publicToken}`, text: "hi" }]);
  await fetchAll(test, alice, { tab: "", cursor });
  await test.hub.receipts.flush();

  await receiver.got(5);

  const bodies = receiver.received.map(({ body }) => body).join();
  assertEquals(bodies.includes(privateToken), false);
  assertMatch(log.join(), /webhook_failed/);
  assertEquals(/do-not-log-me|secret|127\.0\.0\.1/.test(log.join()), false);
});
