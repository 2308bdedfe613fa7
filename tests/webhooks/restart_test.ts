import { assertEquals, assertLessOrEqual } from "@std/assert";
import { waitUntil } from "../support/wait_until.ts";
import { RestartableServer } from "../support/restartable_server.ts";
import { RemoteChat, type RemoteUser } from "../support/remote_chat.ts";
import { ServerProcess } from "../support/server_process.ts";
import type { WebhookEvent } from "../../server/webhooks/webhook_event.ts";
import { messageIds, Receiver, SECRET } from "./receiver.ts";

function settingsFor({ url }: { url: string }, events: string): Record<string, string> {
  return {
    WEBHOOK_URL: url,
    WEBHOOK_SECRET: SECRET,
    WEBHOOK_EVENTS: events,
    UNDELIVERED_AFTER: "1000",
    DRAIN_DELAY: "0",
  };
}

/** A tab fetches everything after `cursor`, and acknowledges it with its next poll. */
async function fetchAll(user: RemoteUser, cursor: string): Promise<void> {
  const reply = await user.poll({ cursor, hold: 0 });
  await user.poll({ cursor: reply.cursor, hold: 0 });
}

/** The ids of the messages in events, of which those with the same id are one. */
function distinctIds(events: readonly WebhookEvent[]): number[] {
  return messageIds([...new Map(events.map((event) => [event.event, event])).values()]);
}

Deno.test("[I12] every acknowledged message is sent, across three times kill -9", async () => {
  await using receiver = new Receiver();
  await using halley = await RestartableServer.start(settingsFor(receiver, "message"));
  using chat = new RemoteChat(halley.url);
  const alice = await chat.signIn("alice");
  const acknowledged: number[] = [];
  const say = async (n: number) => {
    try {
      const { id } = await (await alice.say("room:tea", `${n}`)).json();
      acknowledged.push(id);
    } catch {
      // Killed before the response: the message is not acknowledged.
    }
  };
  // Some fail, and some are accepted too late for the server to record it.
  receiver.answer = (n) => new Response(null, { status: n % 5 === 0 ? 500 : 204 });

  for (let round = 0; round < 3; round++) {
    const saying = Array.from({ length: 100 }, (_, n) => say(n));
    await Promise.race(saying.slice(20 * round + 10));
    await halley.kill();
    await Promise.all(saying);
    await halley.restart();
  }
  await say(0);
  receiver.answer = () => new Response(null, { status: 204 });
  await waitUntil(() => {
    const sent = new Set(messageIds(receiver.events()));
    return acknowledged.every((id) => sent.has(id));
  }, "all messages are sent");

  const names = new Map(receiver.events().map((event) => [event.event, messageIds([event])[0]]));
  assertEquals(names.size, new Set(names.values()).size);
});

Deno.test("[I12] after kill -9, delivered and undelivered messages are still sent", async () => {
  await using receiver = new Receiver();
  const { port } = receiver;
  const settings = settingsFor(receiver, "delivered,undelivered");
  await using halley = await RestartableServer.start(settings);
  using chat = new RemoteChat(halley.url);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const carol = await chat.signIn("carol");
  const { cursor = "" } = await bob.poll();
  await receiver[Symbol.asyncDispose]();
  const delivered = await (await alice.say(`direct:${bob.publicToken}`, "hello")).json();
  await fetchAll(bob, cursor);
  // Receipts and read markers are stored together after half a second.
  await waitUntil(async () => {
    const { conversations } = await (await alice.request("GET", "/api/conversations")).json();
    return conversations[0].other.deliveredUpTo === delivered.id;
  }, "the message is marked as delivered");
  const undelivered = await (await alice.say(`direct:${carol.publicToken}`, "hello")).json();

  await halley.kill();
  await using later = new Receiver(port);
  await halley.restart();
  await later.got(1, "delivered");
  await later.got(1, "undelivered");

  assertEquals(distinctIds(later.events("delivered")), [delivered.id]);
  assertEquals(distinctIds(later.events("undelivered")), [undelivered.id]);
});

Deno.test("[I8] a receiver that hangs delays neither sends nor polls nor the shutdown", async () => {
  await using receiver = new Receiver();
  receiver.answer = () => receiver.hang();
  const settings = { STORE: "sqlite:tea.db", ...settingsFor(receiver, "message,presence") };
  await using halley = await ServerProcess.start({ settings });
  using chat = new RemoteChat(halley.url);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  let { cursor } = await bob.poll({ channels: ["room:tea"] });
  for (let n = 0; n < 4; n++) await alice.say("room:milk", `${n}`);
  await receiver.got(4);

  const start = performance.now();
  for (let n = 0; n < 50; n++) {
    const poll = bob.poll({ cursor, channels: ["room:tea"] });
    await alice.say("room:tea", `${n}`);
    ({ cursor } = await poll);
  }
  const talked = performance.now() - start;
  halley.kill("SIGTERM");
  const { code } = await halley.ended();
  const stopped = performance.now() - start - talked;

  assertLessOrEqual(talked, 9_000);
  assertEquals(code, 0);
  assertLessOrEqual(stopped, 9_000);
  assertEquals(receiver.received.length, 4);

  receiver.answer = () => new Response(null, { status: 204 });
  await using _again = await ServerProcess.start({ settings, folder: halley.folder });
  await waitUntil(() => new Set(messageIds(receiver.events())).size === 54, "all are sent");
});
