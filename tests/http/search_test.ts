import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { KvStore } from "../../server/stores/kv/kv_store.ts";
import type { FirstReply } from "../../server/protocol/replies.ts";
import { answer, Chat, type TestUser } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { TestHub } from "../support/hub.ts";
import { openLimits } from "../support/limits.ts";
import { expectRefusal } from "../support/problem.ts";
import { KEEP_ALL } from "../support/retention.ts";
import { requestsFrom, statuses } from "../support/requests_from.ts";
import { found, search, searchRequest } from "../support/search.ts";
import { TestFolder } from "../support/test_folder.ts";

async function first(user: TestUser, channel: string, query = ""): Promise<FirstReply> {
  return await (await user.request("GET", `/api/channels/${channel}/first${query}`)).json();
}

async function openPair() {
  const chat = await Chat.open();
  return { chat, alice: await chat.signIn("alice"), bob: await chat.signIn("bob") };
}

Deno.test("[D82] a search is answered with the messages, newest first, and where they have the words", async () => {
  using clock = stopClock();
  const { chat, alice, bob } = await openPair();
  await using _ = chat;
  await alice.say("room:tea", "Green tea, 绿茶");
  await clock.pass(1_000);
  await bob.say("room:milk", "tea?");
  await bob.say("room:milk", "no");

  const page = await answer(searchRequest(alice, { q: "TEA" }));

  assertEquals(page, {
    status: 200,
    body: {
      hits: [
        {
          message: {
            id: 2,
            channel: "room:milk",
            from: { publicToken: bob.publicToken, displayName: "bob" },
            text: "tea?",
            at: 1_767_225_601_000,
          },
          words: [{ start: 0, end: 3 }],
        },
        {
          message: {
            id: 1,
            channel: "room:tea",
            from: { publicToken: alice.publicToken, displayName: "alice" },
            text: "Green tea, 绿茶",
            at: 1_767_225_600_000,
          },
          words: [{ start: 6, end: 9 }],
        },
      ],
    },
  });
});

Deno.test("[D82] a page has up to `limit` messages, and `before` continues it", async () => {
  const { chat, alice } = await openPair();
  await using _ = chat;
  for (let n = 1; n <= 5; n++) await alice.say("room:tea", `cat ${n}`);

  const page = await search(alice, { q: "cat", limit: 2 });
  const next = await search(alice, { q: "cat", limit: 3, before: page.before ?? 0 });

  assertEquals(page.hits.map(({ message }) => message.id), [5, 4]);
  assertEquals(next.hits.map(({ message }) => message.id), [3, 2, 1]);
  assertEquals([page.before, next.before], [4, undefined]);
});

Deno.test("[D82] however many messages are found, a page has at most 256 KiB of them", async () => {
  const { chat, alice } = await openPair();
  await using _ = chat;
  for (let n = 1; n <= 40; n++) await alice.say("room:tea", `cat ${"x".repeat(8_000)}`);

  const page = await search(alice, { q: "cat", limit: 100 });

  assertEquals([page.hits.length, page.before], [32, 9]);
  assertEquals((await found(alice, "cat")).length, 40);
});

Deno.test("[D83] a search is limited to a channel, a sender, and a time", async () => {
  using clock = stopClock();
  const { chat, alice, bob } = await openPair();
  await using _ = chat;
  for (let n = 1; n <= 4; n++) {
    await alice.say("room:tea", `cat a${n}`);
    await bob.say("room:milk", `cat b${n}`);
    await clock.pass(1_000);
  }
  const start = 1_767_225_600_000;

  assertEquals(await found(alice, "cat", { channel: "room:milk", limit: 2 }), [
    "cat b4",
    "cat b3",
    "cat b2",
    "cat b1",
  ]);
  assertEquals(await found(bob, "cat", { from: alice.publicToken }), [
    "cat a4",
    "cat a3",
    "cat a2",
    "cat a1",
  ]);
  const time = { since: start + 1_000, until: start + 3_000 };
  assertEquals(await found(alice, "cat", time), ["cat b3", "cat a3", "cat b2", "cat a2"]);
  assertEquals(await found(alice, "cat", { ...time, channel: "room:tea" }), ["cat a3", "cat a2"]);
  assertEquals(await found(alice, "cat", { since: start + 9_000 }), []);
  assertEquals(await found(alice, "cat", { until: start }), []);
  assertEquals(await found(alice, "cat", { since: 5, until: 5 }), []);
});

Deno.test("[D85] what is edited, deleted and erased is found no more", async () => {
  const { chat, alice, bob } = await openPair();
  await using _ = chat;
  await using _job = chat.test.hub.erasures.startJob({ onDone: () => {}, onError: reportError });
  await alice.say("room:tea", "old cat");
  await alice.say("room:tea", "gone cat");
  await bob.say("room:tea", "bob's cat");
  await alice.request("PATCH", "/api/messages/1", { text: "new dog" });
  await alice.request("DELETE", "/api/messages/2");

  assertEquals([await found(bob, "cat"), await found(bob, "dog")], [["bob's cat"], ["new dog"]]);
});

Deno.test("[D88] a store without an index searches one channel, page by page, and nothing else", async () => {
  using folder = TestFolder.make();
  const store = await KvStore.open(join(folder.path, "halley.kv"), KEEP_ALL);
  await using test = await TestHub.open({}, store);
  const chat = Chat.over(test);
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say("room:tea", "the first cat");
  const { publicToken } = alice;
  for (let n = 0; n < 2_100; n += 300) {
    await store.log.append(Array.from({ length: 300 }, (_, m) => ({
      channel: "room:tea",
      from: { publicToken, displayName: "alice" },
      text: `filler ${n + m}`,
    })));
  }
  await bob.say("room:tea", "the last cat");
  await bob.say("room:milk", "another cat");

  const page = await search(bob, { q: "cat", channel: "room:tea" });

  assertEquals(page.hits.map(({ message: { text } }) => text), ["the last cat"]);
  assertEquals(page.before !== undefined, true);
  assertEquals(await found(bob, "cat", { channel: "room:tea" }), ["the last cat", "the first cat"]);
  assertEquals(await found(bob, "cat", { channel: "room:tea", from: publicToken }), [
    "the first cat",
  ]);
  await expectRefusal(searchRequest(bob, { q: "cat" }), 422, "search_unavailable");
});

const HOSTILE: Record<string, string> = {
  "a quote": `"`,
  "quotes": `""" "`,
  "operators": `cat" OR words : "dog`,
  "a column": `places : rooms`,
  "a negation": `NOT cat`,
  "a function": `NEAR(cat dog, 5)`,
  "a caret and a star": `^cat*`,
  "SQL": `'; DROP TABLE messages; --`,
  "NUL": `ca\0t`,
  "only NUL": `\0`,
  "a replaced surrogate": `\ufffd`,
  "only punctuation": `?!… ( ) " ' * + - ^ : ;`,
  "nothing": "",
  "spaces": "   ",
};

Deno.test("[D89] whatever is searched for is text", async () => {
  const { chat, alice } = await openPair();
  await using _ = chat;
  await alice.say("room:tea", "a cat");
  for (const [name, q] of Object.entries(HOSTILE)) {
    assertEquals(await found(alice, q), name === "a caret and a star" ? ["a cat"] : [], name);
  }
  await alice.say("room:tea", "NOT a cat near 5 places");
  assertEquals(await found(alice, "NOT cat"), ["NOT a cat near 5 places"]);
  assertEquals(await found(alice, "cat NEAR"), ["NOT a cat near 5 places"]);
  const raw = await alice.request("GET", "/api/search?q=%ED%A0%80cat");
  assertEquals([200, 422].includes(raw.status), true);
  assertEquals(chat.internalErrors, []);
});

Deno.test("[D89] a query that is too long, or no query, is refused", async () => {
  const { chat, alice } = await openPair();
  await using _ = chat;
  const refused: readonly Record<string, string>[] = [
    {},
    { q: "x".repeat(10_000) },
    { q: "天".repeat(41) },
    { q: "cat", from: "bob" },
    { q: "cat", channel: "tea" },
    { q: "cat", channel: "room:support-*" },
    { q: "cat", since: "yesterday" },
    { q: "cat", limit: "101" },
    { q: "cat", more: "1" },
  ];
  for (const query of refused) {
    await expectRefusal(searchRequest(alice, query), 422, "invalid_request");
  }
  await expectRefusal(chat.app.request("/api/search?q=cat"), 401, "not_signed_in");
});

Deno.test("[D89] a search counts as five requests and one more for each portion", async () => {
  using _clock = stopClock();
  const limits = openLimits({ CALLS_PER_SESSION: "18/100000s" }).limits;
  await using chat = await Chat.open({ limits });
  const alice = await chat.signIn("alice");
  const headers = { authorization: `Bearer ${alice.privateToken}` };

  const counts = await statuses(
    5,
    () => requestsFrom("203.0.113.7")(chat, "/api/search?q=cat", { headers }),
  );

  assertEquals(counts, { 200: 3, 429: 2 });
});

Deno.test("[D90] the first message of a channel, or from a time on, is answered", async () => {
  using clock = stopClock();
  const { chat, alice } = await openPair();
  await using _ = chat;
  await alice.say("room:tea", "deleted");
  for (let n = 1; n <= 3; n++) {
    await clock.pass(1_000);
    await alice.say("room:tea", `${n}`);
    await alice.say("room:milk", "other");
  }
  await alice.request("DELETE", "/api/messages/1");
  const at = 1_767_225_600_000;

  const firstAt = async (query?: string) => (await first(alice, "room:tea", query)).message?.text;
  assertEquals(await firstAt(), "1");
  assertEquals(await firstAt("?since=0"), "1");
  assertEquals(await firstAt(`?since=${at + 1_000}`), "1");
  assertEquals(await firstAt(`?since=${at + 1_001}`), "2");
  assertEquals(await firstAt(`?since=${at + 3_000}`), "3");
  assertEquals(await firstAt(`?since=${at + 3_001}`), undefined);
  assertEquals(await first(alice, "room:empty"), {});
});
