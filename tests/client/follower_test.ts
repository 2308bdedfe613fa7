import { assertEquals, assertNotEquals } from "@std/assert";
import { Api } from "../../client/comet/api.ts";
import { Delays } from "../../client/comet/delays.ts";
import { Follower } from "../../client/comet/cross_tab/follower.ts";
import type { LeaderUpdate } from "../../client/comet/cross_tab/tab_channel.ts";
import type { Message } from "../../server/protocol/message.ts";
import { settle, stopClock } from "../support/clock.ts";
import { fixRandom, message } from "./support/reader.ts";
import { openServer, problem, reply, type ScriptedServer } from "./support/scripted_server.ts";

const [one, two, three] = [message(1, "one"), message(2, "two"), message(3, "three")];
const five = message(5, "five");
const milk = { ...message(4, "milk"), channel: "room:milk" };

Deno.test("[C43] an update that begins at the own cursor is delivered without a request", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "e.0");

  alice.follow(updateFrom("e.0", "e.1", [one]));
  alice.follow(updateFrom("e.1", "e.4", [two, milk]));
  await settle();

  assertEquals([alice.texts, alice.cursor, server.waiting], [["one", "two"], "e.4", 0]);
});

Deno.test("[C43] of an update that begins before the own cursor, only what comes after it is delivered", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "e.2");

  alice.follow(updateFrom("e.0", "e.1", [one], { isCurrent: false }));
  assertEquals([alice.texts, alice.cursor], [[], "e.2"]);
  alice.follow(updateFrom("e.1", "e.3", [two, three]));
  await settle();

  assertEquals([alice.texts, alice.cursor, server.waiting], [["three"], "e.3", 0]);
});

Deno.test("[C43] after an update was lost, one poll under another name asks for all that is missing", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "e.0");

  alice.follow(updateFrom("e.0", "e.1", [one]));
  alice.follow(updateFrom("e.2", "e.3", [three]));
  const { body, answer } = await server.next();
  answer(reply({ cursor: "e.3", messages: [two, three] }));
  await alice.receives(3);
  alice.follow(updateFrom("e.3", "e.4"));
  await settle();

  assertEquals([body.cursor, body.hold, body.channels], ["e.1", 0, ["room:tea"]]);
  assertNotEquals(body.tab, "t1");
  assertEquals([alice.texts, alice.cursor], [["one", "two", "three"], "e.4"]);
  assertEquals(server.waiting, 0);
});

Deno.test("[C43] after its own poll it delivers what the leader has read since then", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "e.0");

  alice.follow(updateFrom("e.1", "e.2"));
  const request = await server.next();
  alice.follow(updateFrom("e.2", "e.3", [three]));
  alice.follow(updateFrom("e.3", "e.5", [five]));
  request.answer(reply({ cursor: "e.4", messages: [one, two, three] }));
  await alice.receives(4);
  await settle();

  assertEquals([alice.texts, alice.cursor], [["one", "two", "three", "five"], "e.5"]);
  assertEquals(server.waiting, 0);
});

Deno.test("[C66] it does not skip what a node has not answered yet that is behind the leader's", async () => {
  await using server = await openServer();
  using clock = stopClock();
  using alice = openFollower(server, "e.0");

  alice.follow(updateFrom(undefined, "e.2"));
  (await server.next()).answer(reply({ cursor: "e.1", messages: [one] }));
  await alice.receives(1);
  alice.follow(updateFrom("e.2", "e.3", [three]));
  assertEquals([alice.texts, alice.cursor, server.waiting], [["one"], "e.1", 0]);
  await clock.pass(1_000);
  const again = await server.next();
  again.answer(reply({ cursor: "e.2", messages: [two] }));
  await alice.receives(3);

  assertEquals([again.body.cursor, alice.cursor], ["e.1", "e.3"]);
  assertEquals(alice.texts, ["one", "two", "three"]);
});

Deno.test("[C68] a poll of its own that an earlier one has superseded is sent again", async () => {
  await using server = await openServer();
  using clock = stopClock();
  using alice = openFollower(server, "e.0");

  alice.follow(updateFrom(undefined, "e.1"));
  const superseded = { outcome: "cancelled", reason: "superseded", cursor: "e.0" } as const;
  const first = await server.next();
  const updated = alice.updated();
  first.answer(reply(superseded));
  await updated;
  await clock.pass(1_000);
  (await server.next()).answer(reply({ cursor: "e.1", messages: [one] }));
  await alice.receives(1);

  assertEquals([alice.texts, alice.cursor], [["one"], "e.1"]);
});

Deno.test("[C67] the server is asked whether a gap of the shared poll is in the own rooms", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "e.0");

  alice.follow(updateFrom("e.0", "e.1", [one], { gap: true }));
  (await server.next()).answer(reply({ cursor: "e.1", messages: [one] }));
  await alice.receives(1);
  assertEquals([alice.gaps, alice.cursor], [0, "e.1"]);
  alice.follow(updateFrom("e.1", "e.2", [two], { gap: true, channels: ["room:tea"] }));
  await settle();

  assertEquals([alice.gaps, alice.texts, server.waiting], [1, ["one", "two"], 0]);
});

Deno.test("[C43] it polls until there is no more", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "e.0");

  alice.follow(updateFrom("e.1", "e.2"));
  (await server.next()).answer(reply({ cursor: "e.1", messages: [one], more: true }));
  const second = await server.next();
  second.answer(reply({ cursor: "e.2", messages: [two] }));
  await alice.receives(2);

  assertEquals([second.body.cursor, alice.texts], ["e.1", ["one", "two"]]);
});

Deno.test("[C43] an update of a poll for other rooms is not delivered", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "e.0");

  alice.follow(updateFrom("e.0", "e.4", [milk], { channels: ["room:milk"] }));
  const { body, answer } = await server.next();
  answer(reply({ cursor: "e.4", messages: [one] }));
  await alice.receives(1);

  assertEquals([body.cursor, alice.texts], ["e.0", ["one"]]);
});

Deno.test("[C43] an update of another log is not delivered: the server is asked", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "e.2");

  alice.follow(updateFrom("new.0", "new.1", [three]));
  const { body, answer } = await server.next();
  answer(reply({ cursor: "new.1", messages: [three], gap: true }));
  await alice.receives(1);

  assertEquals([body.cursor, alice.cursor, alice.gaps], ["e.2", "new.1", 1]);
});

Deno.test("[C43] an update that moves the cursor ends a poll of its own", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "e.0");

  alice.follow(updateFrom("e.1", "e.2"));
  const request = await server.next();
  alice.follow(updateFrom("e.0", "e.3", [one, two, three]));
  await request.aborted;

  assertEquals([alice.texts, alice.cursor], [["one", "two", "three"], "e.3"]);
});

Deno.test("[C43] without a cursor it starts at that of the leader", async () => {
  await using server = await openServer();
  using alice = openFollower(server, undefined);

  alice.follow(updateFrom("e.0", "e.1", [one], { isCurrent: false }));
  assertEquals(alice.cursor, undefined);
  alice.follow(updateFrom("e.1", "e.2", [two]));
  alice.follow(updateFrom("e.2", "e.3", [three]));
  await settle();

  assertEquals([alice.texts, alice.cursor, server.waiting], [["three"], "e.3", 0]);
});

Deno.test("[C43] a room that is joined is asked for from the own cursor", async () => {
  using _clock = stopClock();
  await using server = await openServer();
  using alice = openFollower(server, "e.0");
  alice.follow(updateFrom("e.1", "e.2"));
  const first = await server.next();

  alice.channels.push("room:milk");
  alice.changeChannels();
  await first.aborted;
  const second = await server.next();
  second.answer(reply({ cursor: "e.2", messages: [one, milk] }));
  await alice.receives(2);

  assertEquals([second.body.cursor, second.body.channels], ["e.0", ["room:tea", "room:milk"]]);
});

Deno.test("[C43] it polls again after a temporary error, and reports a final one", async () => {
  using _random = fixRandom(0);
  await using server = await openServer();
  using alice = openFollower(server, "e.0");

  alice.follow(updateFrom("e.1", "e.2"));
  (await server.next()).answer(...problem(429, "too_many_tabs"));
  (await server.next()).answer(...problem(401, "not_signed_in"));

  assertEquals(await alice.rejected, "not_signed_in");
});

/** Alice's follower. It reads the room tea; the test plays its leader. */
Deno.test("[C70] an update of a poll without notices is not accepted by a tab that takes them", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "c0");
  alice.channels.push("notice");

  alice.follow(updateFrom("c0", "c1", [one]));
  const { body, answer } = await server.next();
  answer(reply({ cursor: "c1", messages: [one, { ...two, channel: "notice" }] }));
  await alice.receives(2);

  assertEquals([body.cursor, body.channels, body.notices], ["c0", ["room:tea"], undefined]);
  assertEquals(alice.texts, ["one", "two"]);
});

function openFollower(server: ScriptedServer, cursor: string | undefined) {
  const texts: (string | undefined)[] = [];
  const channels = ["room:tea"];
  let gaps = 0;
  const rejected = Promise.withResolvers<string>();
  let received = Promise.withResolvers<void>();
  const follower = new Follower({
    platform: globalThis,
    api: new Api({ url: server.url, privateToken: "secret" }),
    delays: new Delays(),
    cursor,
    channels: () => channels,
    onPolled: () => {},
    onUpdate: ({ gap, messages }) => {
      if (gap) gaps++;
      texts.push(...messages.map(({ text }) => text));
      received.resolve();
      received = Promise.withResolvers();
    },
    onCursor: () => {},
    onCancelled: () => {},
    onRejected: ({ code }) => rejected.resolve(code),
  });
  return {
    texts,
    channels,
    rejected: rejected.promise,
    get gaps() {
      return gaps;
    },
    get cursor() {
      return follower.cursor;
    },
    follow: (update: LeaderUpdate) => follower.follow(update),
    changeChannels: () => follower.changeChannels(),
    /** Resolves after the next update, which can be empty. */
    async updated() {
      await received.promise;
      await settle();
    },
    /** Resolves when that number of messages has been delivered. */
    async receives(count: number) {
      while (texts.length < count) await received.promise;
      await settle();
    },
    [Symbol.dispose]: () => follower.suspend(),
  };
}

/** The update of a leader whose poll has led it from one cursor to another; without `from`, only its cursor. */
function updateFrom(
  from: string | undefined,
  cursor: string,
  messages: readonly Message[] = [],
  { channels = ["room:tea", "room:milk"], isCurrent = true, gap = false } = {},
): LeaderUpdate {
  const sent = { cursor: from, channels, presence: "active", at: 0 } as const;
  return {
    type: "leader",
    state: { name: "connected" },
    cursor,
    isCurrent,
    isNew: false,
    ...(from !== undefined && { poll: { sent, reply: reply({ cursor, messages, gap }) } }),
  };
}
