import { assertEquals } from "@std/assert";
import { DEFAULT_RIGHTS, rightsOf } from "../../server/core/model/rights.ts";
import type { WebhookSettings } from "../../server/webhooks/webhook_settings.ts";
import { exampleOf, normalizeOutput } from "../docs/examples.ts";
import { TestHub } from "../support/hub.ts";
import { waitUntil } from "../support/wait_until.ts";
import { messageIds, Receiver } from "./receiver.ts";
import { fetchAll, startWebhooks } from "./webhook_hub.ts";

const { patterns, visitorRooms } = rightsOf({
  patterns: ["room:support-*"],
  visitorRooms: ["room:support-*"],
});

/** Alice is a visitor, bob is of the team. */
async function open(settings: Partial<WebhookSettings>) {
  const stack = new AsyncDisposableStack();
  const receiver = stack.use(new Receiver());
  const guestRights = { ...DEFAULT_RIGHTS, visitorRooms };
  const test = stack.use(await TestHub.open({ guestRights }));
  const onError = (error: unknown) => {
    throw error;
  };
  const deps = { store: test.store, hub: test.hub, logger: { write: () => {} }, onError };
  const webhooks = stack.use(await startWebhooks(deps, settings, { receiver }));
  const alice = await test.signIn("alice");
  const bob = { ...await test.signIn("bob"), rights: { ...guestRights, patterns } };
  const room = `room:support-${alice.publicToken}`;
  const isQuiet = () => waitUntil(() => webhooks.waiting === 0, "the queue is empty");
  return {
    ...{ receiver, test, alice, bob, room, isQuiet },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const CONTACT = { name: "alice", address: "alice@example.com", text: "Write to me" };

Deno.test("[I33] `undelivered` is sent for an answer that its visitor does not get, with the address that was left", async () => {
  const hub = await open({ events: ["undelivered"], undeliveredAfterMs: 300 });
  await using _ = hub;
  const { test, alice, bob, room, receiver } = hub;
  await test.send(alice, { channel: room, data: { address: "old@example.com" } });
  await test.send(alice, { channel: room, data: CONTACT });
  await test.send(alice, { channel: room, data: { cups: 2 } });
  await test.send(bob, { channel: room, event: "claimed" });
  await test.send(bob, { channel: room, data: { address: "not the visitor's" } });

  const [event] = await receiver.got(1);
  await hub.isQuiet();

  assertEquals(messageIds(receiver.events()), [5]);
  const { type, recipient, contact } = event as { [name: string]: unknown };
  assertEquals([type, recipient, contact], ["undelivered", alice.person, CONTACT]);
});

Deno.test("[I33] an answer that a tab of its visitor has acknowledged is not `undelivered`", async () => {
  const hub = await open({ events: ["undelivered"], undeliveredAfterMs: 700 });
  await using _ = hub;
  const { test, alice, bob, room, receiver } = hub;
  const cursor = await test.cursor(alice);
  await test.say(bob, room, "one");
  // A tab without the room gets only what else there is for the session.
  const direct = await test.say(bob, `direct:${alice.publicToken}`, "psst");
  await fetchAll(test, alice, { tab: "elsewhere", cursor });
  await test.hub.receipts.flush();
  await test.say(bob, room, "two");
  await test.say(bob, room, "three");

  const channels = [room];
  const read = await test.poll(alice, { channels, cursor, hold: 0, tab: "widget" });
  await test.poll(alice, { channels, cursor: read.cursor, hold: 0, tab: "widget" });
  await test.hub.receipts.flush();
  const late = await test.say(bob, room, "four");
  await receiver.got(1);
  await hub.isQuiet();

  assertEquals(direct.id, 2);
  assertEquals(messageIds(receiver.events()), [late.id]);
});

Deno.test("[I34] `unanswered` is sent once for what a visitor has written since the last answer", async () => {
  const hub = await open({ events: ["unanswered"], undeliveredAfterMs: 500 });
  await using _ = hub;
  const { test, alice, bob, room, receiver } = hub;
  await test.say(alice, room, "one");
  await test.say(alice, room, "two");
  await test.send(bob, { channel: room, event: "claimed" });
  await test.hub.publishing.publish("api:shop", [{ to: room, text: "We are away" }]);
  await test.say(bob, "room:tea", "not a visitor's room");
  await receiver.got(1);

  await test.say(bob, room, "hello");
  await test.say(alice, room, "thank you");
  await test.say(bob, room, "you are welcome");
  await test.say(alice, room, "one more thing");
  await receiver.got(2);
  await hub.isQuiet();

  assertEquals(messageIds(receiver.events()), [1, 9]);
});

Deno.test("[I14] the event `unanswered` in WEBHOOKS.md is the one that Halley sends", async () => {
  const hub = await open({ events: ["unanswered"], undeliveredAfterMs: 300 });
  await using _ = hub;
  const { test, alice, bob, room, receiver } = hub;
  await test.say(bob, "room:tea", "hello");
  await test.say(alice, room, "Where is my parcel?");
  await test.send(alice, { channel: room, data: CONTACT });

  const [event] = await receiver.got(1);

  const comparable = (json: string) =>
    normalizeOutput(json).replace(/"event":"[a-z0-9]+\./, '"event":"(epoch).')
      .replace(/room:support-[\w-]{16}/, "room:support-(token)");
  const shown = comparable(await exampleOf("docs/WEBHOOKS.md", "unanswered"));
  assertEquals(comparable(JSON.stringify(event)), shown);
});
