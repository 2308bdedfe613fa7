import { assertEquals } from "@std/assert";
import { Chat, type TestUser } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { openLimits } from "../support/limits.ts";
import { requestsFrom, statuses } from "../support/requests_from.ts";

const HOME = "203.0.113.7";
const ROOMS = Array.from({ length: 256 }, (_, n) => `room:${n}`);

/** A chat with limits that remembers no messages in memory: everything is read from the store. */
function openChat(settings: Record<string, string>): Promise<Chat> {
  const window = { messages: 0, bytes: 0 };
  return Chat.open({ limits: openLimits(settings).limits, window });
}

function poll(chat: Chat, { privateToken }: TestUser, body: unknown): Promise<Response> {
  return requestsFrom(HOME)(chat, "/api/poll", {
    method: "POST",
    headers: { authorization: `Bearer ${privateToken}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

function get(chat: Chat, { privateToken }: TestUser, path: string): Promise<Response> {
  const headers = { authorization: `Bearer ${privateToken}` };
  return requestsFrom(HOME)(chat, path, { headers });
}

Deno.test("[Y21] polls with a cursor of another log count by their portions of four topics", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ POLLS_PER_SESSION: "2209/100000s" });
  const alice = await chat.signIn("alice");

  // New rooms: 128 polls. 256 rooms, the inbox and the notices: 65 portions with 16 polls each.
  const counts = await statuses(
    4,
    () => poll(chat, alice, { channels: ROOMS, cursor: "another.1", hold: 0 }),
  );

  assertEquals(counts, { 200: 2, 429: 2 });
});

Deno.test("[Y21] polls with an old cursor count by their portions of eight topics", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ POLLS_PER_SESSION: "1185/100000s" });
  const alice = await chat.signIn("alice");
  const { cursor } = await (await poll(chat, alice, { channels: ROOMS })).json();
  await alice.say("room:tea", "hello");

  const counts = await statuses(4, () => poll(chat, alice, { channels: ROOMS, cursor, hold: 0 }));

  // One poll for the cursor and 128 for the new rooms, and 33 portions with 16 polls each.
  assertEquals(counts, { 200: 2, 429: 2 });
});

Deno.test("[Y21] polls that are answered from memory count once", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open({
    limits: openLimits({ POLLS_PER_SESSION: "133/100000s" }).limits,
  });
  const alice = await chat.signIn("alice");
  const { cursor } = await (await poll(chat, alice, { channels: ROOMS })).json();
  await alice.say("room:1", "hello");

  const counts = await statuses(5, () => poll(chat, alice, { channels: ROOMS, cursor, hold: 0 }));

  // One poll for the cursor, and 128 for the new rooms.
  assertEquals(counts, { 200: 4, 429: 1 });
});

Deno.test("[Y21] legacy polls of old messages read one message, and count by their portions", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ POLLS_PER_SESSION: "34/100000s" });
  const alice = await chat.signIn("alice");
  for (let n = 0; n < 9; n++) await alice.say("room:lobby", `${n}`);
  const path = `/ChatHandler.ashx?lastMessageId=1000&privateToken=${alice.privateToken}`;

  assertEquals(await statuses(4, () => get(chat, alice, path)), { 200: 2, 429: 2 });
});

Deno.test("[Y21] pages of history count by their portions", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ CALLS_PER_SESSION: "6/100000s" });
  const alice = await chat.signIn("alice");
  for (let n = 0; n < 9; n++) await alice.say("room:tea", `${n}`);

  // Four messages, then the others.
  const counts = await statuses(4, () => get(chat, alice, "/api/channels/room:tea/messages"));

  assertEquals(counts, { 200: 2, 429: 2 });
});

Deno.test("[Y21] lists of conversations count by their length", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ CALLS_PER_SESSION: "56/100000s" });
  const alice = await chat.signIn("alice");
  for (let n = 0; n < 50; n++) {
    await alice.request("PUT", `/api/conversations/room:${n}`, {});
  }

  // The first list counts as 1 + 50 / 10 calls, after 50 calls to open the conversations.
  const counts = await statuses(3, () => get(chat, alice, "/api/conversations"));

  assertEquals(counts, { 200: 1, 429: 2 });
});

Deno.test("[Y21] portions count for the address, too", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ CALLS_PER_ADDRESS: "6/100000s" });
  const alice = await chat.signIn("alice");
  for (let n = 0; n < 9; n++) await alice.say("room:tea", `${n}`);
  const users = [await chat.signIn("bob"), await chat.signIn("carol"), await chat.signIn("dave")];

  const counts = await statuses(
    3,
    () => get(chat, users.shift() ?? alice, "/api/channels/room:tea/messages"),
  );

  assertEquals(counts, { 200: 2, 429: 1 });
});

Deno.test("[Y24] polls for other channels count by their number", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ POLLS_PER_SESSION: "258/100000s" });
  const alice = await chat.signIn("alice");
  let n = 0;
  const other = () => {
    const round = n++;
    const channels = ROOMS.map((room) => `${room}-${round}`);
    return poll(chat, alice, { channels, hold: 0 });
  };

  assertEquals(await statuses(3, other), { 200: 2, 429: 1 });
});

Deno.test("[Y25] lists of people count by their length", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ CALLS_PER_SESSION: "6/100000s" });
  const alice = await chat.signIn("alice");
  for (let n = 0; n < 200; n++) {
    await (await chat.signIn(`guest ${n}`)).poll({ channels: ["room:tea"] });
  }

  const counts = await statuses(4, () => get(chat, alice, "/api/channels/room:tea/presence"));

  assertEquals(counts, { 200: 2, 429: 2 });
});

Deno.test("[Y21] read markers that pass old direct messages count by their portions", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ CALLS_PER_SESSION: "6/100000s" });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  for (let n = 1; n <= 9; n++) await bob.say(`direct:${alice.publicToken}`, `${n}`);
  let readUpTo = 0;
  const read = () =>
    requestsFrom(HOME)(chat, `/api/conversations/direct:${bob.publicToken}`, {
      method: "PUT",
      headers: {
        authorization: `Bearer ${alice.privateToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ readUpTo: ++readUpTo }),
    });

  // One call and two portions each.
  assertEquals(await statuses(4, read), { 204: 2, 429: 2 });
});
