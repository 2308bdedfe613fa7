import { assertEquals, assertRejects } from "@std/assert";
import { HalleyError, signIn } from "../../client/comet/halley.ts";
import { stopClock } from "../support/clock.ts";
import {
  cursorOf,
  fixRandom,
  message,
  openReader,
  SETTINGS,
  stateNamed,
} from "./support/reader.ts";
import { openServer, problem, reply, type ReplyInit } from "./support/scripted_server.ts";

const HTML = "<html>Please sign in</html>";
const notOurs = { headers: { "content-type": "application/problem+json" } };

/** Answers of gates, gateways, hosters and captive portals, and problems that are not quite Halley's. */
const FOREIGN: Readonly<Record<string, readonly [body: unknown, init: ReplyInit]>> = {
  "401 with a page": [HTML, { status: 401 }],
  "403 with a page": [HTML, { status: 403 }],
  "404 with nothing": ["", { status: 404 }],
  "405 with JSON": [{ message: "no Route matched" }, { status: 405 }],
  "407 with a page": [HTML, { status: 407 }],
  "429 with a page": [HTML, { status: 429 }],
  "502 with a page": [HTML, { status: 502 }],
  "a redirect": ["", { status: 302, headers: { location: "/login" } }],
  "200 with a page": [HTML, {}],
  "200 with other JSON": [{ ok: true }, {}],
  "a problem without a type of Halley": [
    { type: "about:blank", status: 401, code: "not_signed_in", title: "" },
    { status: 401, ...notOurs },
  ],
  "a problem whose status is not that of the response": [
    { type: "urn:halley:problem:kicked", status: 401, code: "kicked" },
    { status: 403, ...notOurs },
  ],
  "a problem that is not declared as one": [problem(401, "not_signed_in")[0], { status: 401 }],
  "a problem with an unknown code": problem(403, "from_the_future"),
};

for (const [name, [body, init]] of Object.entries(FOREIGN)) {
  Deno.test(`[C54] ${name}: polls and sends go on`, async () => {
    using _random = fixRandom(0);
    await using server = await openServer();
    using alice = openReader(server, { cursor: "c0" });
    const names: string[] = [];
    alice.on("state", (state) => names.push(state.name));

    alice.startWaiting();
    (await server.next()).answer(body, init);
    const again = await server.next();
    assertEquals([again.body.cursor, alice.state.name], ["c0", "connecting"]);
    const connected = cursorOf(alice, "c1");
    again.answer(reply({ cursor: "c1" }));
    await connected;
    await server.next();
    const sending = alice.send({ channel: "room:tea", text: "hello" });
    (await server.next()).answer(body, init);
    (await server.next()).answer(message(1, "hello"));

    assertEquals((await sending).id, 1);
    assertEquals(names, ["connecting", "waiting", "connecting", "connected"]);
  });
}

for (
  const header of ["86400", "99999999999", "9".repeat(400), "Tue, 01 Jan 2036 00:00:00 GMT"]
) {
  Deno.test(`[C61] of a Retry-After of others, ${header.slice(0, 30)}, a minute counts`, async () => {
    using _clock = stopClock();
    using _random = fixRandom(0);
    await using server = await openServer();
    using alice = openReader(server);
    alice.startWaiting();

    const waiting = stateNamed(alice, "waiting");
    (await server.next()).answer(HTML, { status: 503, headers: { "retry-after": header } });

    assertEquals((await waiting).until, Date.UTC(2026, 0, 1, 0, 1));
  });
}

Deno.test("[C54] the state and the error of signIn say what was received", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  const waiting = stateNamed(alice, "waiting");
  (await server.next()).answer(HTML, { status: 401 });

  const signingIn = signIn({ url: server.url, displayName: "alice" });
  (await server.next()).answer(HTML, { status: 401 });

  const { code, status, detail } = await assertRejects(() => signingIn, HalleyError);
  assertEquals([code, status], ["unexpected_answer", 401]);
  assertEquals(detail, "The answer is not from Halley: status 401 with text/html");
  assertEquals((await waiting).problem?.detail, detail);
});

Deno.test("[C54] a page in place of an empty reply is not a success", async () => {
  await using server = await openServer();
  using alice = openReader(server);

  const signingOut = alice.signOut();
  (await server.next()).answer(HTML);

  const { code } = await assertRejects(() => signingOut, HalleyError);
  assertEquals(code, "unexpected_answer");
});

Deno.test("[C55] polls are held shorter for an hour after a gateway has timed out", async () => {
  using clock = stopClock();
  using _random = fixRandom(0);
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  (await server.next()).answer(reply());
  const cutOff = await server.next();
  await clock.pass(15_000);
  cutOff.answer(HTML, { status: 504 });
  await stateNamed(alice, "waiting");
  await clock.pass(0);
  (await server.next()).answer(reply());

  const shorter = await server.next();
  assertEquals([cutOff.body.hold, shorter.body.hold], [25_000, 12_000]);
  shorter.answer(reply());
  const next = await server.next();
  assertEquals(next.body.hold, 12_000);
});

Deno.test("[C56] after a silence of three heartbeats the poll is replaced", async () => {
  using clock = stopClock();
  await using server = await openServer();
  using alice = openReader(server, { settings: { ...SETTINGS, heartbeat: 4_000 } });
  alice.startWaiting();
  (await server.next()).answer(reply());
  const parked = await server.next();

  await clock.pass(4_000);
  parked.beat();
  await until(() => clock.timers > 1);
  await clock.pass(11_999);
  assertEquals(server.waiting, 0);
  await clock.pass(1);
  await parked.aborted;

  assertEquals((await server.next()).body.hold, 0);
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise<void>((resolve) => setImmediate(resolve));
}
