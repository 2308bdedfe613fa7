import { assertEquals } from "@std/assert";
import { Chat } from "../../support/chat.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { HUB_OPTIONS } from "../../support/hub.ts";
import { legacyPage, parseLegacyReply } from "../../support/legacy.ts";

Deno.test("[G9] signals of the lobby do not answer a poll early", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const polling = legacyPage(chat, bob).poll();
  await settle();

  await alice.request("POST", "/api/signals", { channel: "room:lobby", type: "typing" });
  await alice.poll({ channels: ["room:lobby"] });
  await alice.request("DELETE", "/api/session");
  await clock.pass(22_000);
  assertEquals(chat.test.hub.parked, 1);

  await clock.pass(4_000);

  assertEquals(await polling, "Name:timedout;MessageId:0;");
});

Deno.test("[G9] signals do not extend a poll", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const polling = legacyPage(chat, bob).poll();

  for (let second = 0; second < 27; second++) {
    await alice.request("POST", "/api/signals", { channel: "room:lobby", type: "typing" });
    await clock.pass(1_000);
  }

  assertEquals(chat.test.hub.parked, 0);
  assertEquals(await polling, "Name:timedout;MessageId:0;");
});

/** Alice has sent these messages since bob signed in, of which only the last is still in the log. */
async function openTrimmed(...messages: readonly (readonly [channel: string, text: string])[]) {
  const chat = await Chat.open({
    window: { ...HUB_OPTIONS.window, messages: 1 },
    retention: { maxMessages: 1 },
  });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  for (const [channel, text] of messages) await alice.say(channel, text);
  await chat.test.hub.sweep();
  return { chat, alice, bob, page: legacyPage(chat, bob) };
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

Deno.test("[G9] a poll over a gap is answered with the next message", async () => {
  using clock = stopClock();
  const { chat, alice, page } = await openTrimmed(["room:lobby", "gone"], ["room:tea", "kept"]);
  await using _ = chat;
  const polling = page.poll();
  await clock.pass(10_000);

  await alice.say("room:lobby", "hello");

  assertEquals(parseLegacyReply(await polling)["Message"], "hello");
});

Deno.test("[G9] after a gap a page gets the remaining messages", async () => {
  const { chat, page } = await openTrimmed(["room:lobby", "gone"], ["room:lobby", "kept"]);
  await using _ = chat;

  assertEquals(parseLegacyReply(await page.poll())["Message"], "kept");
});

Deno.test("[G7] of several simultaneous polls over a gap, the last is held", async () => {
  using _clock = stopClock();
  const { chat, alice, page } = await openTrimmed(["room:lobby", "gone"], ["room:tea", "kept"]);
  await using _ = chat;
  const polls = Array.from({ length: 5 }, () => page.poll());
  await settle();
  assertEquals(chat.test.hub.parked, 1);

  await alice.say("room:lobby", "hello");

  const outcomes = (await Promise.all(polls)).map((reply) => parseLegacyReply(reply)["Name"]);
  assertEquals(outcomes, [...Array(4).fill("cancelled"), "message"]);
});

Deno.test("[G7] a poll that arrives together with a signal is held", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const page = legacyPage(chat, bob);
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

  assertEquals(parseLegacyReply(await older)["Name"], "cancelled");
  assertEquals(parseLegacyReply(await newer)["Message"], "hello");
});
