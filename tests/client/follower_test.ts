import { assertEquals, assertNotEquals } from "@std/assert";
import { Api } from "../../client/comet/api.ts";
import { Pauses } from "../../client/comet/poll_delays.ts";
import { Follower } from "../../client/comet/cross_tab/follower.ts";
import type { Lead } from "../../client/comet/cross_tab/tab_channel.ts";
import type { Message } from "../../server/protocol/message.ts";
import { settle, stopClock } from "../support/clock.ts";
import { fixRandom, message } from "./support/reader.ts";
import { openServer, problem, reply, type ScriptedServer } from "./support/scripted_server.ts";

const [one, two, three] = [message(1, "one"), message(2, "two"), message(3, "three")];
const milk = { ...message(4, "milk"), channel: "room:milk" };

Deno.test("[C43] what continues the own place is taken, without a request", async () => {
  await using server = await openServer();
  using alice = follow(server, "c0");

  alice.hear(word("c0", "c1", [one]));
  alice.hear(word("c1", "c2", [two, milk]));
  await settle();

  assertEquals([alice.texts, alice.cursor, server.waiting], [["one", "two"], "c2", 0]);
});

Deno.test("[C43] after a word was lost it asks once for all that it has missed, under another name", async () => {
  await using server = await openServer();
  using alice = follow(server, "c0");

  alice.hear(word("c0", "c1", [one]));
  alice.hear(word("c2", "c3", [three]));
  const { body, answer } = await server.next();
  answer(reply({ cursor: "c3", messages: [two, three] }));
  await alice.has(3);
  alice.hear(word("c3", "c4"));
  await settle();

  assertEquals([body.cursor, body.hold, body.channels], ["c1", 0, ["room:tea"]]);
  assertNotEquals(body.tab, "t1");
  assertEquals([alice.texts, alice.cursor], [["one", "two", "three"], "c4"]);
  assertEquals(server.waiting, 0);
});

Deno.test("[C43] it goes on where the leader was before it asked, with what was said meanwhile", async () => {
  await using server = await openServer();
  using alice = follow(server, "c0");

  alice.hear(word("c1", "c2"));
  const asked = await server.next();
  alice.hear(word("c2", "c3", [two]));
  alice.hear(word("c3", "c4", [three]));
  asked.answer(reply({ cursor: "own", messages: [one, two] }));
  await alice.has(4);
  await settle();

  // What comes twice is the client's to leave out.
  assertEquals(alice.texts, ["one", "two", "two", "three"]);
  assertEquals(server.waiting, 0);
});

Deno.test("[C43] where the leader was said to be after it asked is no place to go on from", async () => {
  await using server = await openServer();
  using alice = follow(server, "c0");

  alice.hear(word("c1", "c2"));
  const asked = await server.next();
  // The word that has led there was lost.
  alice.hear(word(undefined, "c3"));
  asked.answer(reply({ cursor: "own", messages: [one] }));
  const again = await server.next();
  again.answer(reply({ cursor: "own too", messages: [two] }));
  await alice.has(2);
  alice.hear(word("c3", "c4", [three]));

  assertEquals([again.body.cursor, alice.texts], ["own", ["one", "two", "three"]]);
});

Deno.test("[C43] while there is more it asks on", async () => {
  await using server = await openServer();
  using alice = follow(server, "c0");

  alice.hear(word("c1", "c2"));
  (await server.next()).answer(reply({ cursor: "c1", messages: [one], more: true }));
  const second = await server.next();
  second.answer(reply({ cursor: "c2", messages: [two] }));
  await alice.has(2);

  assertEquals([second.body.cursor, alice.texts], ["c1", ["one", "two"]]);
});

Deno.test("[C43] what was not asked for its rooms is not taken", async () => {
  await using server = await openServer();
  using alice = follow(server, "c0");

  alice.hear(word("c0", "c1", [milk], { channels: ["room:milk"] }));
  const { body, answer } = await server.next();
  answer(reply({ cursor: "c1", messages: [one] }));
  await alice.has(1);

  assertEquals([body.cursor, alice.texts], ["c0", ["one"]]);
});

Deno.test("[C43] a leader who is behind is not followed from there, unless it is where one is", async () => {
  await using server = await openServer();
  using alice = follow(server, "c0");

  alice.hear(word(undefined, "old"));
  (await server.next()).answer(reply({ cursor: "c5", messages: [three] }));
  await alice.has(1);
  alice.hear(word("old", "c1", [one], { isCurrent: false }));
  alice.hear(word("c5", "c6", [two], { isCurrent: false }));
  await settle();

  assertEquals([alice.texts, alice.cursor, server.waiting], [["three", "two"], "c6", 0]);
});

Deno.test("[C43] its place does not go back by an answer that is older than its own", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using alice = follow(server, "c0");

  const before = Date.now();
  alice.hear(word("c1", "c2"));
  await clock.pass(1_000);
  (await server.next()).answer(reply({ cursor: "c9", messages: [two] }));
  await alice.has(1);
  alice.hear(word("c2", "c3", [two], { at: before }));
  assertEquals(alice.cursor, "c9");
  alice.hear(word("c3", "c10", [], { at: Date.now() + 1 }));

  assertEquals(alice.cursor, "c10");
});

Deno.test("[C43] who has no place yet begins where the leader is", async () => {
  await using server = await openServer();
  using alice = follow(server, undefined);

  alice.hear(word("c0", "c1", [one], { isCurrent: false }));
  assertEquals(alice.cursor, undefined);
  alice.hear(word("c1", "c2", [two]));
  alice.hear(word("c2", "c3", [three]));
  await settle();

  assertEquals([alice.texts, alice.cursor, server.waiting], [["three"], "c3", 0]);
});

Deno.test("[C43] a room that is joined is asked for from the own place", async () => {
  using _clock = stopClock();
  await using server = await openServer();
  using alice = follow(server, "c0");
  alice.hear(word("c1", "c2"));
  const first = await server.next();

  alice.channels.push("room:milk");
  alice.changeChannels();
  await first.aborted;
  const second = await server.next();
  second.answer(reply({ cursor: "c2", messages: [one, milk] }));
  await alice.has(2);

  assertEquals([second.body.cursor, second.body.channels], ["c0", ["room:tea", "room:milk"]]);
});

Deno.test("[C43] a refusal for now is waited out, one for good is told", async () => {
  using _random = fixRandom(0);
  await using server = await openServer();
  using alice = follow(server, "c0");

  alice.hear(word("c1", "c2"));
  (await server.next()).answer(...problem(429, "too_many_tabs"));
  (await server.next()).answer(...problem(401, "not_signed_in"));

  assertEquals(await alice.refused, "not_signed_in");
});

/** A follower of a leader who is played by the test. It reads the room tea. */
function follow(server: ScriptedServer, cursor: string | undefined) {
  const texts: (string | undefined)[] = [];
  const channels = ["room:tea"];
  const refused = Promise.withResolvers<string>();
  let grown = Promise.withResolvers<void>();
  const follower = new Follower({
    api: new Api({ url: server.url, privateToken: "secret" }),
    pauses: new Pauses(),
    cursor,
    channels: () => channels,
    onNews: ({ messages }) => {
      texts.push(...messages.map(({ text }) => text));
      grown.resolve();
      grown = Promise.withResolvers();
    },
    onCursor: () => {},
    onCancelled: () => {},
    onRefused: ({ code }) => refused.resolve(code),
  });
  return {
    texts,
    channels,
    refused: refused.promise,
    get cursor() {
      return follower.cursor;
    },
    hear: (lead: Lead) => follower.hear(lead),
    changeChannels: () => follower.changeChannels(),
    /** Resolves when so many messages were given. */
    async has(count: number) {
      while (texts.length < count) await grown.promise;
      await settle();
    },
    [Symbol.dispose]: () => follower.rest(),
  };
}

/** A leader's word: what has led it from one place to another; or, without `from`, only where it is. */
function word(
  from: string | undefined,
  cursor: string,
  messages: readonly Message[] = [],
  { channels = ["room:tea", "room:milk"], isCurrent = true, at = Date.now() } = {},
): Lead {
  const asking = { cursor: from, channels, at };
  return {
    type: "lead",
    state: { name: "connected" },
    cursor,
    isCurrent,
    isNew: false,
    ...(from !== undefined && { news: { reply: reply({ cursor, messages }), asking } }),
  };
}
