import { assertEquals, assertNotEquals } from "@std/assert";
import { stopClock } from "../support/clock.ts";
import { fixRandom, openReader, stateNamed } from "./support/reader.ts";
import { openServer, problem, reply } from "./support/scripted_server.ts";

Deno.test("[C1] a poll contains the token, the tab, the rooms and whether the page is visible", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  alice.startWaiting();
  const { method, path, authorization, body } = await server.next();

  assertEquals([method, path, authorization], ["POST", "/api/poll", "Bearer secret"]);
  assertEquals([body.tab, body.channels, body.state], ["t1", ["room:tea"], "active"]);
  assertEquals("cursor" in body, false);
});

Deno.test("[C2] turns start at the current time and rise with each poll, even if the clock stands still", async () => {
  using _clock = stopClock();
  await using server = await openServer();
  using alice = openReader(server);

  alice.startWaiting();
  const first = await server.next();
  first.answer(reply());
  const second = await server.next();

  assertEquals(first.body.turn, Date.now());
  assertEquals(second.body.turn, Date.now() + 1);
});

Deno.test("[C3] a reply is followed at once by a poll with its cursor", async () => {
  await using server = await openServer();
  using alice = openReader(server, { cursor: "c0" });
  const cursors: string[] = [];
  alice.on("cursor", (cursor) => cursors.push(cursor));

  alice.startWaiting();
  const first = await server.next();
  first.answer(reply({ cursor: "c1" }));
  const second = await server.next();

  assertEquals([first.body.cursor, second.body.cursor], ["c0", "c1"]);
  assertEquals([alice.cursor, cursors], ["c1", ["c1"]]);
});

Deno.test("[C4] polls are not held until the server has replied", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  alice.startWaiting();
  const first = await server.next();
  first.answer(reply());
  const second = await server.next();

  assertEquals([first.body.hold, second.body.hold], [0, 25_000]);
});

Deno.test("[C5] white space before a reply is ignored", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  alice.startWaiting();
  (await server.next()).answer("  \n " + JSON.stringify(reply({ cursor: "c7" })));
  await server.next();

  assertEquals(alice.cursor, "c7");
});

Deno.test("[C6] a poll without a reply 10 s after its hold is abandoned and sent again", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  (await server.next()).answer(reply({ cursor: "c1" }));
  const lost = await server.next();

  await clock.pass(34_999);
  assertEquals(server.waiting, 0);
  await clock.pass(1);
  await lost.aborted;
  const again = await server.next();

  assertEquals(again.body.cursor, "c1");
});

Deno.test("[C7] the delay after a failure is random, up to a bound that doubles to 20 s", async () => {
  using clock = stopClock();
  using _random = fixRandom(0.5);
  await using server = await openServer();
  using alice = openReader(server);
  const waits: number[] = [];
  alice.on("state", (state) => state.name === "waiting" && waits.push(state.until - Date.now()));
  alice.startWaiting();

  for (let failures = 0; failures < 7; failures++) {
    const waiting = stateNamed(alice, "waiting");
    (await server.next()).answer("<html>", { status: 502 });
    await waiting;
    await clock.pass(10_000);
  }

  assertEquals(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000]);
});

Deno.test("[C7] a reply resets the delay", async () => {
  using clock = stopClock();
  using _random = fixRandom(1);
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  for (const answer of ["cut", "cut", "good"]) {
    const waiting = stateNamed(alice, "waiting");
    const request = await server.next();
    if (answer === "good") request.answer(reply());
    else request.cut();
    if (answer === "cut") await waiting;
    await clock.pass(1_000);
  }

  const waiting = stateNamed(alice, "waiting");
  (await server.next()).cut();

  assertEquals((await waiting).until - Date.now(), 500);
});

Deno.test("[C8] the retryAfter of a reply is obeyed", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();

  const waiting = stateNamed(alice, "waiting");
  (await server.next()).answer(reply({ retryAfter: 3_000 }));
  await waiting;
  await clock.pass(2_999);
  assertEquals(server.waiting, 0);
  await clock.pass(1);

  assertEquals((await server.next()).body.cursor, "c1");
});

const delays = [
  ["a Retry-After in seconds", problem(429, "too_many_tabs", { "retry-after": "7" })],
  [
    "a Retry-After with a date",
    problem(503, "closing", {
      "date": "Thu, 01 Jan 2026 00:00:00 GMT",
      "retry-after": "Thu, 01 Jan 2026 00:00:07 GMT",
    }),
  ],
  [
    "a Retry-After with a date of a server with another clock",
    problem(503, "closing", {
      "date": "Fri, 02 Jan 2026 00:00:00 GMT",
      "retry-after": "Fri, 02 Jan 2026 00:00:07 GMT",
    }),
  ],
  [
    "the retryAfter of a problem",
    [{ ...problem(503, "closing")[0], retryAfter: 7_000 }, problem(503, "closing")[1]] as const,
  ],
] as const;
for (const [name, [body, init]] of delays) {
  Deno.test(`[C8] ${name} is obeyed`, async () => {
    using _clock = stopClock();
    using _random = fixRandom(0);
    await using server = await openServer();
    using alice = openReader(server);
    alice.startWaiting();

    const waiting = stateNamed(alice, "waiting");
    (await server.next()).answer(body, init);

    assertEquals((await waiting).until, Date.UTC(2026, 0, 1, 0, 0, 7));
  });
}

Deno.test("[C9] a cancelled poll stops the client, with the reason", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using alice = openReader(server, { cursor: "c0" });
  alice.startWaiting();

  const stopped = stateNamed(alice, "stopped");
  (await server.next()).answer(reply({ outcome: "cancelled", reason: "superseded" }));
  const { reason } = await stopped;
  await clock.pass(60_000);

  assertEquals([reason, alice.cursor, server.waiting], ["superseded", "c0", 0]);
});

Deno.test("[C10] not_signed_in stops the client as signed_out, another final refusal as refused", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  alice.startWaiting();
  const signedOut = stateNamed(alice, "stopped");
  (await server.next()).answer(...problem(401, "not_signed_in"));
  assertEquals((await signedOut).reason, "signed_out");

  alice.startWaiting();
  const refused = stateNamed(alice, "stopped");
  (await server.next()).answer(...problem(422, "invalid_request"));
  const { reason, problem: why } = await refused;
  assertEquals([reason, why?.code], ["refused", "invalid_request"]);
});

for (const status of [408, 425, 429, 500, 503]) {
  Deno.test(`[C10] ${status} is followed by another poll after a delay`, async () => {
    using _clock = stopClock();
    await using server = await openServer();
    using alice = openReader(server);
    alice.startWaiting();

    const waiting = stateNamed(alice, "waiting");
    (await server.next()).answer(...problem(status, "closing"));

    await waiting;
  });
}

Deno.test("[C11] joining or leaving a room replaces the poll at once, with the same cursor", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  (await server.next()).answer(reply({ cursor: "c1" }));
  const parked = await server.next();

  alice.join("room:milk");
  alice.leave("room:tea");
  await parked.aborted;
  const next = await server.next();

  assertEquals([next.body.cursor, next.body.channels], ["c1", ["room:milk"]]);
  assertEquals(next.body.hold, 0);
});

Deno.test("[C12] after stopWaiting and startWaiting the client continues from the same cursor", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  (await server.next()).answer(reply({ cursor: "c1" }));
  const parked = await server.next();

  alice.stopWaiting();
  await parked.aborted;
  assertEquals(alice.state, { name: "stopped", reason: "asked" });
  alice.startWaiting();
  const next = await server.next();

  assertEquals(next.body.cursor, "c1");
  assertNotEquals(next.body.turn, parked.body.turn);
});
