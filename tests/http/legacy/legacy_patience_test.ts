import { assertEquals } from "@std/assert";
import { Chat } from "../../support/chat.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { HUB_OPTIONS } from "../../support/hub.ts";
import { oldPage } from "../../support/legacy.ts";
import { readAsOldClient } from "../../support/old_client.ts";

Deno.test("[G9] neither typing nor coming and going in the lobby answers a poll early", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const polling = oldPage(chat, bob).poll();
  await settle();

  await alice.request("POST", "/api/signals", { channel: "room:lobby", type: "typing" });
  await alice.poll({ channels: ["room:lobby"] });
  await alice.request("DELETE", "/api/session");
  await clock.pass(22_000);
  assertEquals(chat.test.hub.parked, 1);

  await clock.pass(4_000);

  assertEquals(await polling, "Name:timedout;MessageId:0;");
});

Deno.test("[G9] signals do not lengthen a poll either", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const polling = oldPage(chat, bob).poll();

  for (let second = 0; second < 27; second++) {
    await alice.request("POST", "/api/signals", { channel: "room:lobby", type: "typing" });
    await clock.pass(1_000);
  }

  assertEquals(chat.test.hub.parked, 0);
  assertEquals(await polling, "Name:timedout;MessageId:0;");
});

/** Since bob signed in, alice has said these things, of which the log keeps the last alone. */
async function openTrimmed(...said: readonly (readonly [channel: string, text: string])[]) {
  const chat = await Chat.open({
    window: { ...HUB_OPTIONS.window, messages: 1 },
    retention: { maxMessages: 1 },
  });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  for (const [channel, text] of said) await alice.say(channel, text);
  await chat.test.hub.sweep();
  return { chat, alice, bob, page: oldPage(chat, bob) };
}

Deno.test("[G9] a gap does not answer a poll early", async () => {
  using clock = stopClock();
  const { chat, page } = await openTrimmed(["room:lobby", "gone"], ["room:tea", "kept"]);
  await using _ = chat;
  const polling = page.poll();
  await clock.pass(22_000);
  assertEquals(chat.test.hub.parked, 1);

  await clock.pass(4_000);

  assertEquals(await polling, "Name:timedout;MessageId:0;");
});

Deno.test("[G9] a poll that was held over a gap is answered with the message that comes", async () => {
  using clock = stopClock();
  const { chat, alice, page } = await openTrimmed(["room:lobby", "gone"], ["room:tea", "kept"]);
  await using _ = chat;
  const polling = page.poll();
  await clock.pass(10_000);

  await alice.say("room:lobby", "hello");

  assertEquals(readAsOldClient(await polling)["Message"], "hello");
});

Deno.test("[G9] after a gap a page gets what is kept", async () => {
  const { chat, page } = await openTrimmed(["room:lobby", "gone"], ["room:lobby", "kept"]);
  await using _ = chat;

  assertEquals(readAsOldClient(await page.poll())["Message"], "kept");
});

Deno.test("[G7] of several polls that come at once over a gap the last stays", async () => {
  using _clock = stopClock();
  const { chat, alice, page } = await openTrimmed(["room:lobby", "gone"], ["room:tea", "kept"]);
  await using _ = chat;
  const polls = Array.from({ length: 5 }, () => page.poll());
  await settle();
  assertEquals(chat.test.hub.parked, 1);

  await alice.say("room:lobby", "hello");

  const outcomes = (await Promise.all(polls)).map((reply) => readAsOldClient(reply)["Name"]);
  assertEquals(outcomes, [...Array(4).fill("cancelled"), "message"]);
});

Deno.test("[G7] a poll that comes as a signal does is the one that stays", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const page = oldPage(chat, bob);
  const older = page.poll();
  await settle();

  const signalling = alice.request("POST", "/api/signals", {
    channel: "room:lobby",
    type: "typing",
  });
  const newer = page.poll();
  await signalling;
  await settle();
  await alice.say("room:lobby", "hello");

  assertEquals(readAsOldClient(await older)["Name"], "cancelled");
  assertEquals(readAsOldClient(await newer)["Message"], "hello");
});
