import { assertEquals } from "@std/assert";
import type { HistoryReply } from "../../server/protocol/replies.ts";
import { answer, Chat, type TestUser } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { texts } from "../support/hub.ts";
import { expectRefusal } from "../support/problem.ts";

async function history(user: TestUser, channel: string, query = ""): Promise<HistoryReply> {
  return await (await user.request("GET", `/api/channels/${channel}/messages${query}`)).json();
}

Deno.test("[N1] history is answered 200 with the messages, newest first", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say("room:tea", "hello");
  await clock.pass(1_000);
  await bob.say("room:tea", "hello yourself");

  const page = await answer(alice.request("GET", "/api/channels/room:tea/messages"));

  assertEquals(page, {
    status: 200,
    body: {
      messages: [
        {
          id: 2,
          channel: "room:tea",
          from: { publicToken: bob.publicToken, displayName: "bob" },
          text: "hello yourself",
          at: 1_767_225_601_000,
        },
        {
          id: 1,
          channel: "room:tea",
          from: { publicToken: alice.publicToken, displayName: "alice" },
          text: "hello",
          at: 1_767_225_600_000,
        },
      ],
      more: false,
    },
  });
});

Deno.test("[N1] the history of an unused room is empty", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  assertEquals(await answer(alice.request("GET", "/api/channels/room:milk/messages")), {
    status: 200,
    body: { messages: [], more: false },
  });
});

Deno.test("[N1] the history is read in pages, with before and limit", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  for (const text of ["one", "two", "three"]) await alice.say("room:tea", text);

  const newest = await history(alice, "room:tea", "?limit=2");
  const oldest = await history(alice, "room:tea", `?limit=2&before=${newest.messages[1]?.id}`);

  assertEquals([texts(newest), newest.more], [["three", "two"], true]);
  assertEquals([texts(oldest), oldest.more], [["one"], false]);
});

Deno.test("[D70] the messages after one are read in pages, the next ones first, each page newest first", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  for (const text of ["one", "two", "three", "four"]) await alice.say("room:tea", text);
  await alice.say("room:milk", "other");
  const [one] = (await history(alice, "room:tea")).messages.toReversed();

  const next = await history(alice, "room:tea", `?limit=2&after=${one!.id}`);
  const last = await history(alice, "room:tea", `?limit=2&after=${next.messages[0]!.id}`);
  const none = await history(alice, "room:tea", `?after=${last.messages[0]!.id}`);

  assertEquals([texts(next), next.more], [["three", "two"], true]);
  assertEquals([texts(last), last.more], [["four"], false]);
  assertEquals([texts(none), none.more], [[], false]);
});

Deno.test("[D70] the messages after one are as they are now, without changes and deleted ones", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  for (const text of ["one", "two", "three"]) await alice.say("room:tea", text);
  await alice.request("PATCH", "/api/messages/2", { text: "dos" });
  await alice.request("DELETE", "/api/messages/3");

  const page = await history(alice, "room:tea", "?after=1");

  assertEquals([texts(page), page.more], [["dos"], false]);
});

Deno.test("[D71] who may not read a channel reads nothing after a message; before and after are refused together", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const carol = await chat.signIn("carol");
  await alice.say(`direct:${bob.publicToken}`, "secret");
  const channel = `direct:${alice.publicToken}:${bob.publicToken}`;

  const foreign = carol.request("GET", `/api/channels/${channel}/messages?after=0`);
  const both = alice.request("GET", "/api/channels/room:tea/messages?after=1&before=5");

  await expectRefusal(foreign, 403, "not_allowed");
  await expectRefusal(both, 422, "invalid_request");
});

Deno.test("[N1] a page of history has 50 messages by default, and 100 at most", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await Promise.all(Array.from({ length: 101 }, (_, n) => alice.say("room:tea", `${n}`)));

  const byDefault = await history(alice, "room:tea");
  const largest = await history(alice, "room:tea", "?limit=100");

  assertEquals([byDefault.messages.length, byDefault.more], [50, true]);
  assertEquals([largest.messages.length, largest.more], [100, true]);
});

Deno.test("[N1] both people of a direct channel can read its history, by either address", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say(`direct:${bob.publicToken}`, "hello");
  const pair = `direct:${bob.publicToken}:${alice.publicToken}`;

  for (const user of [alice, bob]) assertEquals(texts(await history(user, pair)), ["hello"]);
  assertEquals(texts(await history(bob, `direct:${alice.publicToken}`)), ["hello"]);
});

Deno.test("[N1] the channel in the path can be percent-encoded", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.say("room:茶", "你好");

  assertEquals(texts(await history(alice, "room%3A%E8%8C%B6")), ["你好"]);
});

Deno.test("[N1] messages are read by their ids, newest first", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  for (const text of ["one", "two", "three"]) await alice.say("room:tea", text);

  const named = await history(alice, "room:tea", "?ids=1,3,99");

  assertEquals([texts(named), named.more], [["three", "one"], false]);
  for (const ids of ["", "x", "1,", "-1", "1.5", Array(51).fill(1).join()]) {
    const path = `/api/channels/room:tea/messages?ids=${ids}`;
    await expectRefusal(alice.request("GET", path), 422, "invalid_request");
  }
});
