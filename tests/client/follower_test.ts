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
const milk = { ...message(4, "milk"), channel: "room:milk" };

Deno.test("[C43] an update that continues from the own cursor is delivered without a request", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "c0");

  alice.follow(updateFrom("c0", "c1", [one]));
  alice.follow(updateFrom("c1", "c2", [two, milk]));
  await settle();

  assertEquals([alice.texts, alice.cursor, server.waiting], [["one", "two"], "c2", 0]);
});

Deno.test("[C43] after an update was lost, one poll under another name asks for all that is missing", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "c0");

  alice.follow(updateFrom("c0", "c1", [one]));
  alice.follow(updateFrom("c2", "c3", [three]));
  const { body, answer } = await server.next();
  answer(reply({ cursor: "c3", messages: [two, three] }));
  await alice.receives(3);
  alice.follow(updateFrom("c3", "c4"));
  await settle();

  assertEquals([body.cursor, body.hold, body.channels], ["c1", 0, ["room:tea"]]);
  assertNotEquals(body.tab, "t1");
  assertEquals([alice.texts, alice.cursor], [["one", "two", "three"], "c4"]);
  assertEquals(server.waiting, 0);
});

Deno.test("[C43] after its own poll it continues from where the leader was before, with the updates since then", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "c0");

  alice.follow(updateFrom("c1", "c2"));
  const request = await server.next();
  alice.follow(updateFrom("c2", "c3", [two]));
  alice.follow(updateFrom("c3", "c4", [three]));
  request.answer(reply({ cursor: "own", messages: [one, two] }));
  await alice.receives(4);
  await settle();

  // The client drops what comes twice.
  assertEquals(alice.texts, ["one", "two", "two", "three"]);
  assertEquals(server.waiting, 0);
});

Deno.test("[C43] it does not continue from a cursor that the leader reached after the poll was sent", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "c0");

  alice.follow(updateFrom("c1", "c2"));
  const request = await server.next();
  // The update that has led there was lost.
  alice.follow(updateFrom(undefined, "c3"));
  request.answer(reply({ cursor: "own", messages: [one] }));
  const again = await server.next();
  again.answer(reply({ cursor: "own too", messages: [two] }));
  await alice.receives(2);
  alice.follow(updateFrom("c3", "c4", [three]));

  assertEquals([again.body.cursor, alice.texts], ["own", ["one", "two", "three"]]);
});

Deno.test("[C43] it polls until there is no more", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "c0");

  alice.follow(updateFrom("c1", "c2"));
  (await server.next()).answer(reply({ cursor: "c1", messages: [one], more: true }));
  const second = await server.next();
  second.answer(reply({ cursor: "c2", messages: [two] }));
  await alice.receives(2);

  assertEquals([second.body.cursor, alice.texts], ["c1", ["one", "two"]]);
});

Deno.test("[C43] an update of a poll for other rooms is not delivered", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "c0");

  alice.follow(updateFrom("c0", "c1", [milk], { channels: ["room:milk"] }));
  const { body, answer } = await server.next();
  answer(reply({ cursor: "c1", messages: [one] }));
  await alice.receives(1);

  assertEquals([body.cursor, alice.texts], ["c0", ["one"]]);
});

Deno.test("[C43] a leader that is behind is followed only from the own cursor", async () => {
  await using server = await openServer();
  using alice = openFollower(server, "c0");

  alice.follow(updateFrom(undefined, "old"));
  (await server.next()).answer(reply({ cursor: "c5", messages: [three] }));
  await alice.receives(1);
  alice.follow(updateFrom("old", "c1", [one], { isCurrent: false }));
  alice.follow(updateFrom("c5", "c6", [two], { isCurrent: false }));
  await settle();

  assertEquals([alice.texts, alice.cursor, server.waiting], [["three", "two"], "c6", 0]);
});

Deno.test("[C43] a reply that is older than its own does not move the cursor back", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using alice = openFollower(server, "c0");

  const before = Date.now();
  alice.follow(updateFrom("c1", "c2"));
  await clock.pass(1_000);
  (await server.next()).answer(reply({ cursor: "c9", messages: [two] }));
  await alice.receives(1);
  alice.follow(updateFrom("c2", "c3", [two], { at: before }));
  assertEquals(alice.cursor, "c9");
  alice.follow(updateFrom("c3", "c10", [], { at: Date.now() + 1 }));

  assertEquals(alice.cursor, "c10");
});

Deno.test("[C43] without a cursor it starts at that of the leader", async () => {
  await using server = await openServer();
  using alice = openFollower(server, undefined);

  alice.follow(updateFrom("c0", "c1", [one], { isCurrent: false }));
  assertEquals(alice.cursor, undefined);
  alice.follow(updateFrom("c1", "c2", [two]));
  alice.follow(updateFrom("c2", "c3", [three]));
  await settle();

  assertEquals([alice.texts, alice.cursor, server.waiting], [["three"], "c3", 0]);
});

Deno.test("[C43] a room that is joined is asked for from the own cursor", async () => {
  using _clock = stopClock();
  await using server = await openServer();
  using alice = openFollower(server, "c0");
  alice.follow(updateFrom("c1", "c2"));
  const first = await server.next();

  alice.channels.push("room:milk");
  alice.changeChannels();
  await first.aborted;
  const second = await server.next();
  second.answer(reply({ cursor: "c2", messages: [one, milk] }));
  await alice.receives(2);

  assertEquals([second.body.cursor, second.body.channels], ["c0", ["room:tea", "room:milk"]]);
});

Deno.test("[C43] a room that is joined after an update with news is not read from before that update", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using alice = openFollower(server, "c0");
  const sentAt = Date.now();
  alice.follow(updateFrom("c1", "c2"));
  clock.jump(1_000);
  (await server.next()).answer(reply({ cursor: "own", messages: [one, two] }));
  await alice.receives(2);

  // The leader's poll was sent before alice's own one ended, and is answered later.
  alice.follow(updateFrom("c2", "c3", [three], { at: sentAt }));
  alice.channels.push("room:milk");
  alice.changeChannels();

  assertEquals([alice.texts, alice.cursor], [["one", "two", "three"], "c3"]);
});

Deno.test("[C43] it polls again after a temporary error, and reports a final one", async () => {
  using _random = fixRandom(0);
  await using server = await openServer();
  using alice = openFollower(server, "c0");

  alice.follow(updateFrom("c1", "c2"));
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
  const rejected = Promise.withResolvers<string>();
  let received = Promise.withResolvers<void>();
  const follower = new Follower({
    platform: globalThis,
    api: new Api({ url: server.url, privateToken: "secret" }),
    delays: new Delays(),
    cursor,
    channels: () => channels,
    onPolled: () => {},
    onUpdate: ({ messages }) => {
      const isNew = messages.some(({ text }) => !texts.includes(text));
      texts.push(...messages.map(({ text }) => text));
      received.resolve();
      received = Promise.withResolvers();
      return isNew;
    },
    onCursor: () => {},
    onCancelled: () => {},
    onRejected: ({ code }) => rejected.resolve(code),
  });
  return {
    texts,
    channels,
    rejected: rejected.promise,
    get cursor() {
      return follower.cursor;
    },
    follow: (update: LeaderUpdate) => follower.follow(update),
    changeChannels: () => follower.changeChannels(),
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
  { channels = ["room:tea", "room:milk"], isCurrent = true, at = Date.now() } = {},
): LeaderUpdate {
  const sent = { cursor: from, channels, presence: "active", at } as const;
  return {
    type: "leader",
    state: { name: "connected" },
    cursor,
    isCurrent,
    isNew: false,
    ...(from !== undefined && { poll: { sent, reply: reply({ cursor, messages }) } }),
  };
}
