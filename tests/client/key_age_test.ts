import { assertEquals, assertRejects } from "@std/assert";
import { HalleyError } from "../../client/comet/halley.ts";
import { stopClock, type StoppedClock } from "../support/clock.ts";
import { fixRandom, message, openReader, SETTINGS } from "./support/reader.ts";
import { openServer, problem, type ScriptedServer } from "./support/scripted_server.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const hello = { channel: "room:tea", text: "hello", key: "k1" };
const session = {
  publicToken: "alice",
  displayName: "alice",
  settings: { ...SETTINGS, keyAge: HOUR },
};

Deno.test("[C50] a send is repeated while the server remembers its key", async () => {
  using clock = stopClock();
  using _random = fixRandom(0);
  await using server = await openServer();
  using alice = openReader(server, { settings: session.settings });

  const sending = alice.send(hello);
  (await server.next()).answer(...problem(503, "closing", { "retry-after": "3500" }));
  (await next(server, clock)).answer(message(1, "hello"));

  assertEquals((await sending).id, 1);
});

const clocks = [
  ["time passes", "3586", 0],
  ["the computer sleeps, and its monotonic clock with it", "1", 2 * HOUR],
  ["the wall clock is set back meanwhile", "3586", -2 * HOUR],
] as const;
for (const [name, retryAfter, jump] of clocks) {
  Deno.test(`[C50] a send is rejected when its key may be forgotten: ${name}`, async () => {
    using clock = stopClock();
    using _random = fixRandom(0);
    await using server = await openServer();
    using alice = openReader(server, { settings: session.settings });

    const sending = assertRejects(() => alice.send(hello), HalleyError);
    (await server.next()).answer(...problem(503, "closing", { "retry-after": retryAfter }));
    clock.jump(jump);
    const { code, status } = await settled(sending, server, clock);

    assertEquals([code, status, server.waiting], ["key_expired", 0, 0]);
  });
}

Deno.test("[C51] a send that is answered costs no other request", async () => {
  await using server = await openServer();
  using alice = openReader(server, { settings: undefined });

  const sending = alice.send(hello);
  const request = await server.next();
  request.answer(message(1, "hello"));
  await sending;

  assertEquals([request.path, server.waiting], ["/api/messages", 0]);
});

Deno.test("[C51] before the first repetition the settings are requested, once for all sends", async () => {
  using _random = fixRandom(0);
  await using server = await openServer();
  using alice = openReader(server, { settings: undefined });

  const sending = Promise.all([alice.send({ ...hello, key: "k1" }), alice.send(hello)]);
  for (const request of [await server.next(), await server.next()]) request.cut();
  const settings = await server.next();
  settings.answer(session);
  for (const request of [await server.next(), await server.next()]) request.cut();
  const repeated = [await server.next(), await server.next()];
  for (const request of repeated) request.answer(message(1, "hello"));
  await sending;

  assertEquals([settings.method, settings.path], ["GET", "/api/session"]);
  assertEquals(repeated.map(({ path }) => path), ["/api/messages", "/api/messages"]);
});

Deno.test("[C51] settings that cannot be loaded are requested again later, and nothing is sent meanwhile", async () => {
  using clock = stopClock();
  using _random = fixRandom(1);
  await using server = await openServer();
  using alice = openReader(server, { settings: undefined });

  const sending = alice.send(hello);
  const paths: string[] = [];
  for (const reply of ["cut", "cut", "503", "settings", "message"]) {
    const request = await next(server, clock);
    paths.push(request.path);
    if (reply === "cut") request.cut();
    else if (reply === "503") request.answer(...problem(503, "closing"));
    else request.answer(reply === "settings" ? session : message(1, "hello"));
  }
  await sending;

  const [send, settings] = ["/api/messages", "/api/session"];
  assertEquals(paths, [send, settings, settings, settings, send]);
});

Deno.test("[C51] a message that exceeds a rate limit has not arrived, and needs no settings", async () => {
  using _random = fixRandom(0);
  await using server = await openServer();
  using alice = openReader(server, { settings: undefined });

  const sending = alice.send(hello);
  (await server.next()).answer(...problem(429, "too_many_requests"));
  const repeated = await server.next();
  repeated.answer(message(1, "hello"));
  await sending;

  assertEquals(repeated.path, "/api/messages");
});

Deno.test("[C51] settings that whoAmI has returned are not requested again", async () => {
  await using server = await openServer();
  using alice = openReader(server, { settings: undefined });

  const asking = alice.whoAmI();
  (await server.next()).answer(session);
  await asking;

  assertEquals([await alice.settings(), server.waiting], [session.settings, 0]);
});

Deno.test("[C51] a send can be aborted while the settings are loaded", async () => {
  using _random = fixRandom(0);
  await using server = await openServer();
  using alice = openReader(server, { settings: undefined });
  const aborter = new AbortController();

  const sending = assertRejects(
    () => alice.send(hello, { signal: aborter.signal }),
    Error,
    "enough",
  );
  (await server.next()).cut();
  await server.next();
  aborter.abort(new Error("enough"));

  await sending;
});

Deno.test("[C52] a message that an earlier page has sent is sent while the server remembers its key", async () => {
  using _clock = stopClock();
  await using server = await openServer();
  using alice = openReader(server, { settings: undefined });

  const sending = alice.send(hello, { firstSentAt: Date.now() - 59 * MINUTE });
  const settings = await server.next();
  settings.answer(session);
  const sent = await server.next();
  sent.answer(message(1, "hello"));
  await sending;

  assertEquals([settings.path, sent.body.key], ["/api/session", "k1"]);
});

Deno.test("[C52] a message that an earlier page has sent too long ago is rejected", async () => {
  await using server = await openServer();
  using alice = openReader(server, { settings: session.settings });

  const sending = alice.send(hello, { firstSentAt: Date.now() - HOUR });

  const { code } = await assertRejects(() => sending, HalleyError);
  assertEquals([code, server.waiting], ["key_expired", 0]);
});

/** The next request, however long the client waits before it. */
async function next(server: ScriptedServer, clock: StoppedClock) {
  while (server.waiting === 0) await clock.pass(500);
  return await server.next();
}

/** Lets time pass until `promise` is settled, or another request comes. */
async function settled<T>(promise: Promise<T>, server: ScriptedServer, clock: StoppedClock) {
  let isSettled = false;
  promise.finally(() => isSettled = true);
  while (!isSettled && server.waiting === 0) await clock.pass(500);
  return await promise;
}
