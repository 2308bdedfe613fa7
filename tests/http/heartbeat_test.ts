import { assertEquals, assertRejects } from "@std/assert";
import { Refused } from "../../server/core/model/refused.ts";
import { Heartbeats } from "../../server/http/heartbeats.ts";
import { Chat } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";

const utf8 = new TextDecoder();

/** Reads a response, and records its text so far. */
function record(response: Response) {
  const received = { text: "", hasEnded: false };
  const reader = response.body!.getReader();
  const read = async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      received.text += utf8.decode(part.value);
    }
    received.hasEnded = true;
  };
  read();
  return { received, leave: () => reader.cancel() };
}

Deno.test("[F31] a held poll sends a line feed at each interval, and then its reply", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({ heartbeat: 4_000 });
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const waiting = alice.request("POST", "/api/poll", { cursor, channels: ["room:tea"] });
  await settle();
  await clock.pass(4_000);
  const response = await waiting;
  const { received } = record(response);
  await settle();
  const lines = [received.text.length];

  for (let n = 0; n < 3; n++) {
    await clock.pass(4_000);
    lines.push(received.text.length - lines.reduce((sum, count) => sum + count));
  }
  await alice.say("room:tea", "hello");
  await settle();

  assertEquals(lines, [1, 2, 2, 2]);
  const { outcome, messages } = JSON.parse(received.text);
  assertEquals([outcome, messages[0].text, received.hasEnded], ["message", "hello", true]);
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("cache-control"), "no-store, no-transform");
});

Deno.test("[F31] a poll that is answered or refused soon has its own status and no line feed", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({ heartbeat: 4_000 });
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const waiting = alice.request("POST", "/api/poll", { cursor, channels: ["room:tea"] });
  await settle();
  await clock.pass(1_500);

  await alice.say("room:tea", "hello");

  assertEquals((await (await waiting).text()).startsWith("{"), true);
  const refused = await alice.request("POST", "/api/poll", { cursor, channels: ["tea"] });
  assertEquals(refused.status, 422);
});

Deno.test("[F31] a poll whose client disconnects after the first line feed releases its seat", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({ heartbeat: 4_000 });
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const waiting = alice.request("POST", "/api/poll", { cursor, channels: ["room:tea"] });
  await settle();
  await clock.pass(4_000);
  const { leave } = record(await waiting);
  assertEquals(chat.test.hub.parked, 1);

  await leave();
  await clock.pass(5_000);

  assertEquals(chat.test.hub.parked, 0);
});

Deno.test("[F31] a poll that is refused after the status was sent is answered so that it is repeated", async () => {
  using clock = stopClock();
  const errors: unknown[] = [];
  const beats = new Heartbeats({ interval: 4_000, onLateError: (error) => errors.push(error) });
  const refused = new Refused("store_unavailable", "Cannot reach the store", 2_000);
  const answer = Promise.withResolvers<string>();
  const held = {
    connection: new Request("http://halley.test"),
    answer: () => answer.promise,
    pollAgain: (retryAfter: number) => `again after ${retryAfter}`,
  };

  const waiting = beats.respond(held);
  await clock.pass(4_000);
  answer.reject(refused);

  assertEquals(await (await waiting).text(), "\nagain after 2000");
  assertEquals(errors, [refused]);
  await assertRejects(
    () => beats.respond({ ...held, answer: () => Promise.reject(refused) }),
    Refused,
  );
});
