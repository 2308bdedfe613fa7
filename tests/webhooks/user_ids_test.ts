import { assertEquals } from "@std/assert";
import { UserIds } from "../../server/core/sessions/user_ids.ts";
import type { WebhookEvent } from "../../server/webhooks/webhook_event.ts";
import { TestHub } from "../support/hub.ts";
import { fetchAll, openWebhookHub } from "./webhook_hub.ts";

/** The user ids in an event: of its recipient, and of its sender. */
function userIdsIn(event: WebhookEvent) {
  const from = event.type === "presence" ? event.from : event.message.from;
  return [event.type, "recipient" in event ? event.recipient.userId : undefined, from?.userId];
}

async function signInUser({ hub }: TestHub, userId: string) {
  const { privateToken } = await hub.signInUser(userId, userId);
  return (await hub.sessions.authenticate(privateToken))!;
}

Deno.test("[I30] `undelivered` has the user id of a recipient who has never connected", async () => {
  await using hub = await openWebhookHub({ events: ["undelivered"], undeliveredAfterMs: 100 });

  await hub.test.hub.publishing.publish("api:x", [{ to: "user:Ünit 42", text: "hello" }]);
  const [event] = await hub.receiver.got(1);

  assertEquals(userIdsIn(event!), ["undelivered", "Ünit 42", undefined]);
});

Deno.test("[I30] the user id of a recipient is known after a restart, but not that of a refused message", async () => {
  await using hub = await TestHub.open();
  const publish = (...to: string[]) => hub.hub.publishing.publish("x", [{ to, text: "hello" }]);
  await publish("user:42");
  await publish("user:43", "session:nobodyNobodyNo__").catch(() => {});

  const { sessions } = hub.hub;
  const restarted = new UserIds({ sessions, store: hub.store });
  const found = ["42", "43"].map(async (userId) =>
    await restarted.find(await sessions.tokenOf(userId))
  );

  assertEquals(await Promise.all(found), ["42", undefined]);
});

Deno.test("[I30] each event has the user ids of its sender and its recipient; guests have none", async () => {
  const events = ["message", "delivered", "presence"] as const;
  await using hub = await openWebhookHub({ events });
  const { test, receiver } = hub;
  const [alice, bob] = [await signInUser(test, "42"), await test.signIn("bob")];
  const cursor = await test.cursor(alice);

  await test.say(bob, `direct:${alice.publicToken}`, "from a guest to a user");
  await fetchAll(test, alice, { tab: "", cursor });
  await test.hub.receipts.flush();
  await test.say(alice, `direct:${bob.publicToken}`, "from a user to a guest");
  const received = await receiver.got(4);

  assertEquals(received.map(userIdsIn).map(String).sort(), [
    "delivered,42,",
    "message,,",
    "message,,42",
    "presence,,42",
  ]);
});
