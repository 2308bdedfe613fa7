import { assertEquals } from "@std/assert";
import type { WebhookSettings } from "../../server/webhooks/webhook_settings.ts";
import { RestartableServer } from "../support/restartable_server.ts";
import { RemoteChat } from "../support/remote_chat.ts";
import { TestHub } from "../support/hub.ts";
import { waitUntil } from "../support/wait_until.ts";
import { Receiver, SECRET } from "./receiver.ts";
import { openWebhookHub, startWebhooks } from "./webhook_hub.ts";

const CHANGES = { events: ["edited", "deleted"] } as const;

/** Starts webhooks with a hub that outlives them. */
function start(test: TestHub, receiver: Receiver, settings: Partial<WebhookSettings>) {
  const onError = (error: unknown) => {
    throw error;
  };
  const deps = { store: test.store, hub: test.hub, logger: { write: () => {} }, onError };
  return startWebhooks(deps, settings, { receiver });
}

Deno.test("[I31] `edited` and `deleted` are sent once for each change, with the message as it is now", async () => {
  await using hub = await openWebhookHub({ events: ["edited", "deleted"] });
  const { test, receiver } = hub;
  const { privateToken } = await test.hub.signInUser("42", "alice");
  const alice = (await test.hub.sessions.authenticate(privateToken))!;
  const bob = await test.signIn("bob");
  await test.say(alice, "room:tea", "one");
  await test.say(bob, `direct:${alice.publicToken}`, "two");

  const edited = await test.hub.change(alice, 1, { text: "uno" });
  const [first] = await receiver.got(1);
  const deleted = await test.hub.change(bob, 2);
  const [, second] = await receiver.got(2);

  const { epoch } = test.store.log;
  assertEquals([first, second], [
    {
      type: "edited",
      event: `${epoch}.edited.3`,
      at: edited.editedAt,
      message: { ...edited, from: { ...alice.person, userId: "42" } },
    },
    { type: "deleted", event: `${epoch}.deleted.2`, at: deleted.deletedAt, message: deleted },
  ]);
  assertEquals("text" in deleted, false);
  await waitUntil(() => hub.webhooks.waiting === 0, "the queue is empty");
  assertEquals(receiver.received.length, 2);
});

Deno.test("[D55] a reaction is sent as `edited`, with the message and its reactions", async () => {
  await using hub = await openWebhookHub({ events: ["edited"] });
  const { test, receiver } = hub;
  const alice = await test.signIn("alice");
  await test.say(alice, "room:tea", "one");

  const message = await test.hub.react(alice, 1, { emoji: "👍", on: true });
  const [event] = await receiver.got(1);

  const { epoch } = test.store.log;
  assertEquals({ ...event, at: 0 }, {
    type: "edited",
    event: `${epoch}.edited.2`,
    at: 0,
    message,
  });
});

Deno.test("[I31] changes are sent only to receivers that ask for them", async () => {
  await using hub = await openWebhookHub({ events: ["message", "deleted"] });
  const { test, receiver } = hub;
  const alice = await test.signIn("alice");
  await test.say(alice, "room:tea", "one");
  await receiver.got(1);
  await test.hub.change(alice, 1, { text: "uno" });
  await test.hub.change(alice, 1);

  await receiver.got(2);
  await waitUntil(() => hub.webhooks.waiting === 0, "the queue is empty");

  assertEquals(receiver.events().map(({ type }) => type), ["message", "deleted"]);
});

Deno.test("[I32] what is queued has no content: events that were not sent before a deletion are sent without it or not at all", async () => {
  await using hub = await openWebhookHub({
    events: ["message", "edited", "deleted", "undelivered"],
    undeliveredAfterMs: 1_000,
  });
  const { test, receiver } = hub;
  const [alice, bob] = [await test.signIn("alice"), await test.signIn("bob")];
  receiver.answer = () => new Response(null, { status: 503 });
  await test.say(alice, `direct:${bob.publicToken}`, "secret one");
  await test.hub.change(alice, 1, { text: "secret two" });
  await waitUntil(() => hub.webhooks.waiting === 3, "all are queued");
  const queued = await test.store.queue.listDue(Number.MAX_SAFE_INTEGER, 10);
  await waitUntil(() => hub.webhooks.counts.failed >= 2, "attempts fail");

  await test.hub.change(alice, 1);
  const before = receiver.received.length;
  receiver.answer = () => new Response(null, { status: 204 });
  await waitUntil(() => hub.webhooks.counts.sent === 1, "the deletion is sent");
  await waitUntil(() => hub.webhooks.waiting === 0, "the queue is empty");

  assertEquals(JSON.stringify(queued).includes("secret"), false);
  // One attempt can have begun before the deletion.
  const after = receiver.received.slice(before).filter(({ event }) => event.type === "deleted");
  assertEquals([after.length, JSON.stringify(after).includes("secret")], [1, false]);
});

Deno.test("[I32] after a downtime, a message that was edited and deleted is told once, as deleted", async () => {
  await using receiver = new Receiver();
  await using test = await TestHub.open();
  const alice = await test.signIn("alice");
  {
    await using _webhooks = await start(test, receiver, CHANGES);
  }
  await test.say(alice, "room:tea", "one");
  await test.say(alice, "room:tea", "two");
  await test.hub.change(alice, 1, { text: "uno" });
  await test.hub.change(alice, 2, { text: "dos" });
  // The time differs from that of the edit.
  const edited = Date.now();
  await waitUntil(() => Date.now() > edited, "time passes");
  await test.hub.change(alice, 1);

  await using webhooks = await start(test, receiver, CHANGES);
  await receiver.got(2);
  await waitUntil(() => webhooks.waiting === 0, "the queue is empty");

  const got = receiver.events().map((event) => [event.type, "message" in event && event.message]);
  const [first, second] = [await test.store.log.get(1), await test.store.log.get(2)];
  assertEquals(got.toSorted(), [["deleted", first!], ["edited", second!]]);
});

Deno.test("[I12] after kill -9, an event is sent for every acknowledged edit and deletion", async () => {
  await using receiver = new Receiver();
  receiver.answer = (n) => new Response(null, { status: n % 5 === 0 ? 500 : 204 });
  await using halley = await RestartableServer.start({
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRET: SECRET,
    WEBHOOK_EVENTS: "edited,deleted",
    DRAIN_DELAY: "0",
  });
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  const ids = await Promise.all(
    Array.from(
      { length: 40 },
      async (_, n) => (await (await alice.say("room:tea", `${n}`)).json()).id,
    ),
  );
  const acknowledged: string[] = [];
  const change = async (id: number) => {
    const [method, body] = id % 2 === 0 ? ["DELETE"] : ["PATCH", { text: `edited ${id}` }];
    try {
      const reply = await alice.request(method!, `/api/messages/${id}`, body);
      if (reply.ok) acknowledged.push(`${method === "DELETE" ? "deleted" : "edited"} ${id}`);
      await reply.body?.cancel();
    } catch {
      // Killed before the response.
    }
  };

  const changing = ids.map(change);
  await Promise.race(changing.slice(10));
  await halley.kill();
  await Promise.all(changing);
  await halley.restart();
  receiver.answer = () => new Response(null, { status: 204 });

  const got = () =>
    receiver.events().map((event) => "message" in event && `${event.type} ${event.message.id}`);
  await waitUntil(() => acknowledged.every((change) => got().includes(change)), "all are sent");
  const names = new Map(receiver.events().map(({ event }, n) => [event, got()[n]]));
  assertEquals(names.size, new Set(got()).size);
});
