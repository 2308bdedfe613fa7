import { DEFAULT_RIGHTS } from "../../../server/core/model/rights.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { apiKeySession } from "../../../server/core/sessions/api_key_session.ts";
import { Refused } from "../../../server/core/model/refused.ts";
import { stopClock } from "../../support/clock.ts";
import { TestHub, texts } from "../../support/hub.ts";
import { SignalBoard } from "../../../server/core/presence/signal_board.ts";
import { inboxOf } from "../../../server/core/model/message.ts";
import { Trace } from "../../../server/core/polls/trace.ts";

function roomsOf(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `room:${name}-${n}`);
}

Deno.test("[Y18] sessions that read many rooms leave some for the others", async () => {
  await using hub = await TestHub.open({ max: { sessions: 100, rooms: 2_000 } });
  for (let n = 0; n < 50; n++) {
    await hub.poll(await hub.signIn(`guest ${n}`), { channels: roomsOf(`${n}`, 256), hold: 0 });
  }

  const { refused } = await hub.poll(await hub.signIn("alice"), { channels: ["room:new"] });

  assertEquals(refused, undefined);
});

Deno.test("[Y26] a poll for one room is answered before the many rooms of others are listed", async () => {
  await using hub = await TestHub.open();
  const guests = await Promise.all(roomsOf("guest", 50).map((name) => hub.signIn(name)));
  const alice = await hub.signIn("alice");
  let answered = 0;
  const polls = guests.map(async (guest, n) => {
    await hub.poll(guest, { channels: roomsOf(`${n}`, 256) });
    answered++;
  });

  await hub.poll(alice);
  const before = answered;

  await Promise.all(polls);
  assertEquals([before < 5, answered], [true, 50]);
});

Deno.test("[Y26] the readers of one API key wait for their turn each for itself", async () => {
  await using hub = await TestHub.open();
  const backend = apiKeySession("backend", { rights: DEFAULT_RIGHTS });

  const replies = await Promise.all(
    roomsOf("reader", 50).map((tab, n) =>
      hub.poll(backend, { tab, channels: roomsOf(`${n}`, 20), hold: 0 })
    ),
  );

  assertEquals(replies.map(({ outcome }) => outcome), Array(50).fill("timedout"));
});

Deno.test("[Y18] the sessions of one address leave rooms for those of others", async () => {
  await using hub = await TestHub.open({ max: { sessions: 1_000, rooms: 1_000 } });
  const poll = (name: string, network: string, channels: string[]) => async () => {
    const connection = { signal: new AbortController().signal, network };
    return await hub.poll(await hub.signIn(name), { channels, connection, hold: 0 });
  };
  for (let n = 0; n < 400; n++) await poll("guest", "203.0.113.7", roomsOf(`${n}`, 256))();

  const same = await poll("mallory", "203.0.113.7", ["room:other"])();
  const other = await poll("alice", "198.51.100.1", ["room:new"])();

  assertEquals(same.refused, [{ channel: "room:other", code: "too_many_rooms" }]);
  assertEquals(other.refused, undefined);
});

Deno.test("[Y18] the home room can be read though all rooms are taken", async () => {
  await using hub = await TestHub.open({ max: { sessions: 1_000, rooms: 50 } });
  for (let n = 0; n < 60; n++) {
    await hub.poll(await hub.signIn("guest"), { channels: [`room:${n}`] });
  }
  const alice = await hub.signIn("alice");

  const { refused } = await hub.poll(alice, { channels: ["room:lobby", "room:new"] });

  assertEquals(refused, [{ channel: "room:new", code: "too_many_rooms" }]);
});

Deno.test("[Y18] a session that is alone has all rooms of a poll", async () => {
  await using hub = await TestHub.open({ max: { sessions: 100, rooms: 2_000 } });
  const alice = await hub.signIn("alice");

  assertEquals((await hub.poll(alice, { channels: roomsOf("a", 256) })).refused, undefined);
});

Deno.test("[Y19] the signals of one session do not keep those of others out", () => {
  using _clock = stopClock();
  const board = new SignalBoard();
  const from = (publicToken: string) => ({ publicToken, displayName: publicToken });
  const typing = (channel: string, name: string) =>
    board.post({ type: "typing", channel, from: from(name), at: 0 }, [channel]);

  typing("room:tea", "bob");
  for (const room of roomsOf("flood", 25_000)) typing(room, "mallory");
  typing("room:milk", "bob");

  const seen = board.since(["room:tea", "room:milk"], 0, "alice");
  assertEquals(seen.map(({ channel }) => channel), ["room:tea", "room:milk"]);
  assertEquals(board.since(roomsOf("flood", 25_000), 0, "alice").length, 512);
});

Deno.test("[Y19] beyond the maximum number of topics with signals, the oldest goes first", () => {
  using _clock = stopClock();
  const board = new SignalBoard();
  const rooms = roomsOf("a", 20_001);
  for (const [n, channel] of rooms.entries()) {
    const publicToken = `${n % 100}`;
    const from = { publicToken, displayName: "x" };
    board.post({ type: "typing", channel, from, at: 0 }, [channel]);
  }

  assertEquals(board.since(rooms.slice(0, 2), 0, "alice").map(({ channel }) => channel), [
    "room:a-1",
  ]);
  assertEquals(board.since(rooms.slice(-1), 0, "alice").length, 1);
});

Deno.test("[Y20] beyond 400 conversations of strangers, the oldest that was not answered closes", async () => {
  await using hub = await TestHub.open();
  const { conversations } = hub.hub;
  const bob = await hub.signIn("bob");
  const direct = `direct:${bob.publicToken}`;
  const [carol, dave] = [await hub.signIn("carol"), await hub.signIn("dave")];
  await hub.say(carol, direct, "lunch?");
  await hub.say(bob, `direct:${carol.publicToken}`, "yes");
  await hub.say(dave, direct, "buy!");
  for (let n = 0; n < 399; n++) await hub.say(await hub.signIn("stranger"), direct, "buy!");

  await hub.say(await hub.signIn("alice"), direct, "hello");

  const list = (await conversations.list(bob)).conversations;
  const names = list.map(({ other }) => other?.displayName);
  assertEquals([list.length, names[0]], [401, "alice"]);
  assertEquals([names.includes("carol"), names.includes("dave")], [true, false]);
});

Deno.test("[D62] a conversation that was muted does not close to make room for strangers", async () => {
  await using hub = await TestHub.open();
  const { conversations } = hub.hub;
  const [bob, dave] = [await hub.signIn("bob"), await hub.signIn("dave")];
  const direct = `direct:${bob.publicToken}`;
  const { channel } = await hub.say(dave, direct, "buy!");
  await conversations.open(bob, channel, { notify: "none" });

  for (let n = 0; n < 401; n++) await hub.say(await hub.signIn("stranger"), direct, "buy!");

  const list = (await conversations.list(bob)).conversations;
  assertEquals(list.find((one) => one.channel === channel)?.notify, "none");
});

Deno.test("[Y20] a stranger whose conversation has closed can write again", async () => {
  await using hub = await TestHub.open();
  const bob = await hub.signIn("bob");
  const direct = `direct:${bob.publicToken}`;
  const alice = await hub.signIn("alice");
  await hub.say(alice, direct, "hello");
  for (let n = 0; n < 400; n++) await hub.say(await hub.signIn("stranger"), direct, "buy!");

  await hub.say(alice, direct, "hello again");

  const { conversations } = await hub.hub.conversations.list(bob);
  assertEquals([conversations.length, conversations[0]?.last?.text], [400, "hello again"]);
});

Deno.test("[Y20] a session's own conversations take the place of strangers", async () => {
  await using hub = await TestHub.open();
  const { conversations } = hub.hub;
  const bob = await hub.signIn("bob");
  for (let n = 0; n < 400; n++) {
    await hub.say(await hub.signIn("stranger"), `direct:${bob.publicToken}`, "buy!");
  }

  for (let n = 0; n < 500; n++) await conversations.open(bob, `room:${n}`);

  await assertRejects(() => conversations.open(bob, "room:500"), Refused, "500 conversations");
  const { publicToken } = await hub.signIn("alice");
  await hub.say(bob, `direct:${publicToken}`, "hello");
  assertEquals((await conversations.list(bob)).conversations.length, 500);
});

Deno.test("[Y21] history has as many messages as fit into a reply", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  for (let n = 0; n < 12; n++) {
    await hub.send(alice, { channel: "room:tea", data: "x".repeat(60_000) });
  }

  const first = await hub.hub.history.page(alice, "room:tea", { limit: 100 });
  const before = first.messages.at(-1)?.id;
  const second = await hub.hub.history.page(alice, "room:tea", { before, limit: 100 });

  assertEquals([first.messages.length, first.more], [4, true]);
  assertEquals(second.messages[0]?.id, (before ?? 0) - 1);
});

Deno.test("[Y21] history in several portions is complete", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  for (let n = 0; n < 101; n++) await hub.say(alice, "room:tea", `${n}`);

  const page = await hub.hub.history.page(alice, "room:tea", { limit: 100 });
  const all = await hub.hub.history.page(alice, "room:tea", { before: 101, limit: 100 });

  assertEquals([page.messages.length, page.more, texts(page)[0]], [100, true, "100"]);
  assertEquals([all.messages.length, all.more], [100, false]);
});

Deno.test("[Y21] requests for the list of conversations that arrive meanwhile share one list", async () => {
  await using hub = await TestHub.open();
  const alice = await hub.signIn("alice");
  await hub.hub.conversations.open(alice, "room:tea");
  const list = () => hub.hub.conversations.list(alice);

  const first = list();
  await hub.hub.conversations.open(alice, "room:milk");
  const later = [list(), list()];

  const lengths = await Promise.all(
    [first, ...later].map(async (one) => (await one).conversations.length),
  );
  assert(lengths[0] === 1 || lengths[0] === 2);
  assertEquals(lengths.slice(1), [2, 2]);
});

Deno.test("[M17] the trace is bounded by bytes: polls of many rooms take more of it", () => {
  const trace = new Trace(2 ** 16);
  const polls = (rooms: number) => {
    const reads = { topics: roomsOf("a", rooms), notices: true };
    for (let n = 0; n < 1_000; n++) trace.polled({ session: "alice", tab: "" }, 1, reads);
    return trace.size;
  };

  assert(polls(256) < 10);
  assert(polls(1) > 100);
});

Deno.test("[M17] an event of a message is found by its session", () => {
  const trace = new Trace(2 ** 16);
  trace.polled({ session: "alice", tab: "" }, 1, { topics: [inboxOf("alice")], notices: true });

  assertEquals(trace.partOfSession("alice").events.length, 1);
});
