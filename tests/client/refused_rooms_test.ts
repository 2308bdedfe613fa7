import { assertEquals } from "@std/assert";
import type { CometClient } from "../../client/comet/halley.ts";
import type { RefusedChannel } from "../../server/protocol/replies.ts";
import { openFakeBrowser } from "./support/browser.ts";
import { openReader } from "./support/reader.ts";
import { openServer, reply } from "./support/scripted_server.ts";

const SECRET: RefusedChannel = { channel: "room:secret", code: "not_allowed" };
const FULL: RefusedChannel = { channel: "room:new", code: "too_many_rooms" };

Deno.test("[C62] a room that may not be read is reported once, left out of further polls, and the others are read", async () => {
  await using server = await openServer();
  using alice = openReader(server, { channels: ["room:tea", "room:secret"] });
  const events = record(alice);

  alice.startWaiting();
  (await server.next()).answer(reply({ refused: [SECRET] }));
  const next = await server.next();

  assertEquals([next.body.channels, next.body.hold], [["room:tea"], 25_000]);
  assertEquals([alice.channels, alice.state.name], [["room:tea"], "connected"]);
  assertEquals(events, ["refused room:secret not_allowed"]);
});

Deno.test("[C62] a new room is tried with a poll that is not held, and the next one is held", async () => {
  await using server = await openServer();
  using alice = openReader(server, { channels: ["room:tea"] });
  const events = record(alice);
  alice.startWaiting();
  (await server.next()).answer(reply());
  await server.next();

  alice.join("room:milk");
  alice.join("room:secret");
  const probe = await server.next();
  probe.answer(reply({ refused: [SECRET] }));
  const next = await server.next();

  assertEquals(probe.body.channels, ["room:tea", "room:milk", "room:secret"]);
  assertEquals([probe.body.hold, next.body.hold], [0, 25_000]);
  assertEquals(next.body.channels, ["room:tea", "room:milk"]);
  assertEquals(events, ["refused room:secret not_allowed"]);
});

Deno.test("[C62] a room that is joined again is tried again, and its admission is reported", async () => {
  await using server = await openServer();
  using alice = openReader(server, { channels: ["room:secret"] });
  const events = record(alice);
  alice.startWaiting();
  (await server.next()).answer(reply({ refused: [SECRET] }));
  await server.next();

  for (const refused of [[SECRET], undefined]) {
    alice.join("room:secret");
    const probe = await server.next();
    assertEquals([probe.body.channels, probe.body.hold], [["room:secret"], 0]);
    probe.answer(reply(refused && { refused }));
    await server.next();
  }

  const refusal = "refused room:secret not_allowed";
  assertEquals(events, [refusal, refusal, "admitted room:secret"]);
});

Deno.test("[C62] a room for which there is no space stays in the polls, held as usual, until it is admitted", async () => {
  await using server = await openServer();
  using alice = openReader(server, { channels: ["room:tea", "room:new"] });
  const events = record(alice);

  alice.startWaiting();
  (await server.next()).answer(reply({ refused: [FULL] }));
  const second = await server.next();
  second.answer(reply({ refused: [FULL] }));
  const third = await server.next();
  third.answer(reply());
  await server.next();

  for (const { body } of [second, third]) {
    assertEquals([body.channels, body.hold], [["room:tea", "room:new"], 25_000]);
  }
  assertEquals(events, ["refused room:new too_many_rooms", "admitted room:new"]);
});

Deno.test("[C62] rights that were taken away during a poll are reported with its reply", async () => {
  await using server = await openServer();
  using alice = openReader(server, { channels: ["room:tea", "room:secret"] });
  const events = record(alice);
  alice.startWaiting();
  (await server.next()).answer(reply());
  const held = await server.next();

  held.answer(reply({ refused: [SECRET] }));
  const next = await server.next();

  assertEquals([held.body.channels, next.body.channels], [["room:tea", "room:secret"], [
    "room:tea",
  ]]);
  assertEquals(events, ["refused room:secret not_allowed"]);
});

Deno.test("[C62] each tab that shares a poll gets the refusals of its own rooms, and the leader leaves them out", async () => {
  using _browser = openFakeBrowser();
  await using server = await openServer();
  using tea = openReader(server, { channels: ["room:tea"], ...withoutTab });
  using secret = openReader(server, { channels: ["room:secret"], ...withoutTab });
  const [teaEvents, secretEvents] = [record(tea), record(secret)];
  tea.startWaiting();
  const alone = await server.next();
  secret.startWaiting();
  await alone.aborted;

  (await server.next()).answer(reply({ refused: [SECRET] }));
  let next = await server.next();
  // The leader may have sent a poll before it knows that the follower leaves the room out.
  while (next.body.channels?.includes("room:secret")) next = await server.next();

  assertEquals(next.body.channels, ["room:tea"]);
  assertEquals([teaEvents, secretEvents], [[], ["refused room:secret not_allowed"]]);
});

const withoutTab: object = { tab: undefined };

/** The events about rooms, as they come. */
function record(client: CometClient): string[] {
  const events: string[] = [];
  client.on("refused", ({ channel, code }) => events.push(`refused ${channel} ${code}`));
  client.on("admitted", (channel) => events.push(`admitted ${channel}`));
  return events;
}
