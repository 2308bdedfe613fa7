import { assertEquals } from "@std/assert";
import { stopClock } from "../support/clock.ts";
import { openPage } from "./support/page.ts";
import { fixRandom, openReader, stateNamed } from "./support/reader.ts";
import { openServer, problem, reply } from "./support/scripted_server.ts";

Deno.test("[C25] a page reports at once that it is hidden or shown, but at most once a second", async () => {
  using clock = stopClock();
  using page = openPage();
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  (await server.next()).answer(reply());
  const parked = await server.next();

  await clock.pass(1_000);
  page.hide();
  const hidden = await server.next();
  page.show();
  page.hide();
  page.show();
  await clock.pass(999);
  assertEquals(server.waiting, 0);
  await clock.pass(1);
  const shown = await server.next();

  await parked.aborted;
  assertEquals([hidden.body.state, shown.body.state], ["background", "active"]);
});

for (const event of ["online", "shown"]) {
  Deno.test(`[C26] when the page is ${event}, the delay after a failure is skipped`, async () => {
    using clock = stopClock();
    using _random = fixRandom(1);
    using page = openPage();
    await using server = await openServer();
    using alice = openReader(server);
    alice.startWaiting();
    for (const time of [500, 1_000, 2_000]) {
      const failed = stateNamed(alice, "waiting");
      (await server.next()).cut();
      await failed;
      if (time < 2_000) await clock.pass(time);
    }
    await clock.pass(1_500);

    if (event === "online") page.dispatch("online");
    else page.show();

    (await server.next()).answer(reply());
    await server.next();
  });
}

Deno.test("[C26] events of the page do not skip a delay that the server has asked for", async () => {
  using clock = stopClock();
  using page = openPage();
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  const waiting = stateNamed(alice, "waiting");
  (await server.next()).answer(...problem(503, "closing", { "retry-after": "30" }));
  await waiting;

  page.dispatch("online");
  await clock.pass(20_000);

  assertEquals(server.waiting, 0);
  alice.tryNow();
  await server.next();
});

Deno.test("[C27] after sleep or a change of network the parked poll is replaced", async () => {
  using clock = stopClock();
  using page = openPage();
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  (await server.next()).answer(reply({ cursor: "c1" }));
  const parked = await server.next();

  clock.jump(3_600_000);
  page.show();
  await parked.aborted;
  const awake = await server.next();
  page.dispatch("online");
  await awake.aborted;
  const online = await server.next();

  assertEquals([awake.body.cursor, awake.body.hold], ["c1", 0]);
  assertEquals([online.body.cursor, online.body.hold], ["c1", 0]);
});

Deno.test("[C28] a frozen page abandons its poll, and polls from the same cursor when it is shown again", async () => {
  using clock = stopClock();
  using page = openPage();
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  (await server.next()).answer(reply({ cursor: "c1" }));
  const parked = await server.next();

  page.dispatch("pagehide");
  await parked.aborted;
  await clock.pass(60_000);
  assertEquals(server.waiting, 0);
  page.dispatch("pageshow");

  assertEquals((await server.next()).body.cursor, "c1");
});
