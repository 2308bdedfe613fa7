import { assertEquals } from "@std/assert";
import { Chat } from "../../support/chat.ts";
import { settle, stopClock } from "../../support/clock.ts";
import { texts } from "../../support/hub.ts";
import { legacyPage, parseLegacyReply, postForm } from "../../support/legacy.ts";
import { expectRefusal } from "../../support/problem.ts";

const PATHS = ["/ChatHandler.ashx", "/ChatChannelHandler.ashx"];

/** The sender and text of a reply, or its outcome. */
async function read(polling: Promise<string>): Promise<string> {
  const { Name, From, Message } = parseLegacyReply(await polling);
  return Name === "message" ? `${From}: ${Message}` : Name ?? "";
}

for (const path of PATHS) {
  Deno.test(`[G1] ${path} accepts sends and polls`, async () => {
    await using chat = await Chat.open();
    const { privateToken } = await chat.signIn("alice");

    const sent = await postForm(chat, path, { privateToken, sendto: "", message: "hello" });
    const polled = await postForm(chat, path, { privateToken, lastMessageId: "1000" });

    assertEquals([sent.status, await sent.text()], [200, "OK"]);
    assertEquals(parseLegacyReply(await polled.text())["Message"], "hello");
  });
}

for (const method of ["PUT", "PATCH", "DELETE"]) {
  Deno.test(`[G1] /ChatHandler.ashx accepts sends and polls with ${method}`, async () => {
    await using chat = await Chat.open();
    const { privateToken } = await chat.signIn("alice");
    const request = (fields: Record<string, string>) =>
      chat.app.request("/ChatHandler.ashx", { method, body: new URLSearchParams(fields) });

    const sent = await request({ privateToken, message: "hello" });
    const polled = await request({ privateToken, lastMessageId: "1000" });

    assertEquals(sent.status, 200);
    assertEquals(parseLegacyReply(await polled.text())["Message"], "hello");
  });
}

Deno.test("[G1] a poll can be a GET request", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await legacyPage(chat, alice).say("hello");
  const query = new URLSearchParams({ privateToken: alice.privateToken, lastMessageId: "1000" });

  const polled = await chat.request("GET", `/ChatHandler.ashx?${query}`);

  assertEquals(parseLegacyReply(await polled.text())["Message"], "hello");
});

Deno.test("[G1] a send cannot be a GET request", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const query = new URLSearchParams({ privateToken: alice.privateToken, message: "hello" });

  const sending = chat.request("GET", `/ChatHandler.ashx?${query}`);

  await expectRefusal(sending, 405, "method_not_allowed");
  assertEquals((await alice.poll()).cursor.endsWith(".0"), true);
});

Deno.test("[G2] a poll is answered 200 in plain text with only the oldest message", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { privateToken } = await chat.signIn("bob");
  await alice.say("room:lobby", "one");
  await alice.say("room:lobby", "two");

  const polled = await postForm(chat, "/ChatHandler.ashx", { privateToken, lastMessageId: "1000" });

  assertEquals(polled.status, 200);
  assertEquals(polled.headers.get("content-type"), "text/plain; charset=utf-8");
  assertEquals(
    await polled.text(),
    "Name:message;MessageId:1000000001;From:alice;Message:one;" +
      `FromToken:${alice.publicToken};Channel:room\\u003alobby;`,
  );
});

Deno.test("[G2] a poll is held until a message arrives", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const polling = read(legacyPage(chat, bob).poll());
  await clock.pass(10_000);
  assertEquals(chat.test.hub.parked, 1);

  await alice.say("room:lobby", "hello");

  assertEquals(await polling, "alice: hello");
});

Deno.test("[G2] a poll whose hold ends is answered timedout", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const bob = await chat.signIn("bob");
  const polling = legacyPage(chat, bob).poll();
  await clock.pass(22_000);
  assertEquals(chat.test.hub.parked, 1);

  await clock.pass(4_000);

  assertEquals(await polling, "Name:timedout;MessageId:0;");
});

for (
  const text of [
    "a%2Bb",
    "1+1=2 & 2;",
    "'\"\\:;",
    "&lt;b&gt; <b>",
    "彗星 ☄️ 💫",
    "a\r\nb",
    "\u0000",
  ]
) {
  Deno.test(`[G3] the text ${JSON.stringify(text)} is delivered unchanged`, async () => {
    await using chat = await Chat.open();
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
    const { cursor } = await alice.poll();

    await legacyPage(chat, alice).say(text);

    assertEquals(await read(legacyPage(chat, bob).poll()), `alice: ${text}`);
    assertEquals(texts(await alice.poll({ cursor, channels: ["room:lobby"] })), [text]);
  });
}

Deno.test("[G7] a newer poll of the session cancels the older one", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const page = legacyPage(chat, bob);
  const older = page.poll();
  await settle();

  const newer = page.poll();

  assertEquals(await older, "Name:cancelled;MessageId:0;");
  await alice.say("room:lobby", "hello");
  assertEquals(await read(newer), "alice: hello");
});

Deno.test("[G7] of several simultaneous polls the last is held", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const page = legacyPage(chat, bob);
  const polls = Array.from({ length: 20 }, () => read(page.poll()));
  await settle();
  assertEquals(chat.test.hub.parked, 1);

  await alice.say("room:lobby", "hello");

  assertEquals(await Promise.all(polls), [...Array(19).fill("cancelled"), "alice: hello"]);
});

Deno.test("[G7] signing out cancels the poll", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const bob = await chat.signIn("bob");
  const polling = legacyPage(chat, bob).poll();
  await settle();

  await bob.request("DELETE", "/api/session");

  assertEquals(await polling, "Name:cancelled;MessageId:0;");
});

Deno.test("[G7] a legacy page and another page of the session do not cancel each other", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll({ channels: ["room:lobby"] });
  const legacy = read(legacyPage(chat, bob).poll());
  const other = bob.poll({ cursor, channels: ["room:lobby"] });
  await settle();
  assertEquals(chat.test.hub.parked, 2);

  await alice.say("room:lobby", "hello");

  assertEquals([await legacy, texts(await other)], ["alice: hello", ["hello"]]);
});
