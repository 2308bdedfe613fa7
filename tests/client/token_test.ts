import { assertEquals, assertRejects } from "@std/assert";
import { cursorOf, openReader, SETTINGS, stateNamed } from "./support/reader.ts";
import { openServer, problem, reply } from "./support/scripted_server.ts";
import { stopClock } from "../support/clock.ts";

const ONE = tokenOf("alice", 1);
const TWO = tokenOf("alice", 2);
const THREE = tokenOf("alice", 3);
const LATE = tokenOf("alice", 4);

/** A JWT, whose signature only the server would verify. */
function tokenOf(sub: string, jti = 0): string {
  return `e30.${btoa(JSON.stringify({ sub, jti })).replace(/=*$/, "")}.x`;
}

/** A page whose getToken returns one token after another, and counts the calls. */
function pageWith(...tokens: readonly (string | undefined)[]) {
  const page = {
    calls: 0,
    getToken: (): Promise<string | undefined> => Promise.resolve(tokens[page.calls++]),
  };
  return page;
}

Deno.test("[Q15] a client calls getToken before its first request", async () => {
  await using server = await openServer();
  const page = pageWith(ONE);
  const { getToken } = page;
  using alice = openReader(server, { privateToken: undefined, getToken });

  alice.startWaiting();
  const first = await server.next();
  first.answer(reply({ cursor: "c1" }));
  const second = await server.next();

  assertEquals([first.authorization, second.authorization], [`Bearer ${ONE}`, `Bearer ${ONE}`]);
  assertEquals(page.calls, 1);
});

Deno.test("[Q15] when a token has expired, the same poll is sent again with a new one", async () => {
  await using server = await openServer();
  const page = pageWith(TWO);
  using alice = openReader(server, { privateToken: ONE, getToken: page.getToken });
  const states: string[] = [];
  alice.on("state", ({ name }) => states.push(name));
  alice.startWaiting();
  (await server.next()).answer(reply({ cursor: "c1" }));
  const parked = await server.next();

  parked.answer(...problem(401, "token_expired"));
  const again = await server.next();

  assertEquals(again.authorization, `Bearer ${TWO}`);
  assertEquals(again.body, parked.body);
  const reached = cursorOf(alice, "c2");
  again.answer(reply({ cursor: "c2" }));
  await reached;
  assertEquals(states, ["connecting", "connected"]);
});

Deno.test("[Q15] all requests whose token was rejected are sent again with one new token", async () => {
  await using server = await openServer();
  const page = pageWith(TWO, THREE);
  using alice = openReader(server, { privateToken: ONE, getToken: page.getToken });

  const asking = Promise.all([alice.rooms(), alice.rooms(), alice.rooms()]);
  for (const one of [await server.next(), await server.next(), await server.next()]) {
    one.answer(...problem(401, "token_expired"));
  }
  const bearers = [];
  for (let n = 0; n < 3; n++) {
    const one = await server.next();
    bearers.push(one.authorization);
    one.answer({ rooms: [] });
  }

  await asking;
  assertEquals(bearers, [`Bearer ${TWO}`, `Bearer ${TWO}`, `Bearer ${TWO}`]);
  assertEquals(page.calls, 1);
});

Deno.test("[Q15] a token that another request has got may have expired as well: then there is a third one", async () => {
  await using server = await openServer();
  const page = pageWith(TWO, THREE);
  using alice = openReader(server, { privateToken: ONE, getToken: page.getToken });
  const slow = alice.rooms();
  const held = await server.next();
  const quick = alice.rooms();
  (await server.next()).answer(...problem(401, "token_expired"));
  (await server.next()).answer({ rooms: [] });
  await quick;

  held.answer(...problem(401, "token_expired"));
  const second = await server.next();
  second.answer(...problem(401, "token_expired"));
  const third = await server.next();
  third.answer({ rooms: [] });

  await slow;
  assertEquals([second.authorization, third.authorization], [`Bearer ${TWO}`, `Bearer ${THREE}`]);
  assertEquals(page.calls, 2);
});

for (
  const [what, tokens] of [
    ["is rejected as well", [TWO, THREE]],
    ["is the old one", [ONE]],
    ["is undefined", [undefined]],
  ] as const
) {
  Deno.test(`[Q15] a client whose new token ${what} stops as signed out`, async () => {
    using clock = stopClock();
    await using server = await openServer();
    const page = pageWith(...tokens);
    using alice = openReader(server, { privateToken: ONE, getToken: page.getToken });
    alice.startWaiting();
    const stopped = stateNamed(alice, "stopped");

    (await server.next()).answer(...problem(401, "token_expired"));
    if (what === "is rejected as well") {
      (await server.next()).answer(...problem(401, "not_signed_in"));
    }

    assertEquals((await stopped).reason, "signed_out");
    await clock.pass(60_000);
    assertEquals([page.calls, server.waiting], [1, 0]);
  });
}

Deno.test("[Q15] after an error of getToken the client calls it again later", async () => {
  using clock = stopClock();
  await using server = await openServer();
  let calls = 0;
  const getToken = () => {
    if (calls++ === 0) return Promise.reject(new TypeError("offline"));
    return Promise.resolve(TWO);
  };
  using alice = openReader(server, { privateToken: ONE, getToken });
  alice.startWaiting();
  const waiting = stateNamed(alice, "waiting");

  (await server.next()).answer(...problem(401, "token_expired"));
  await waiting;
  await clock.pass(1_000);

  assertEquals((await server.next()).authorization, `Bearer ${TWO}`);
});

Deno.test("[Q15] when getToken takes more than 15 s, the client tries again", async () => {
  using clock = stopClock();
  await using server = await openServer();
  const answers: ((token: string) => void)[] = [];
  const getToken = () => new Promise<string>((resolve) => answers.push(resolve));
  using alice = openReader(server, { privateToken: undefined, getToken });
  alice.startWaiting();

  await clock.pass(16_000);
  answers[0]?.(LATE);

  assertEquals((await server.next()).authorization, `Bearer ${LATE}`);
  assertEquals(answers.length, 1);
});

Deno.test("[Q15] without getToken, 401 stops the client", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  const stopped = stateNamed(alice, "stopped");

  (await server.next()).answer(...problem(401, "token_expired"));

  assertEquals((await stopped).reason, "signed_out");
});

Deno.test("[Q16] a client that is kicked stops, and does not call getToken", async () => {
  await using server = await openServer();
  const page = pageWith(TWO);
  using alice = openReader(server, { privateToken: ONE, getToken: page.getToken });
  alice.startWaiting();
  const stopped = stateNamed(alice, "stopped");

  (await server.next()).answer(reply({ outcome: "cancelled", reason: "kicked" }));

  assertEquals([(await stopped).reason, page.calls], ["kicked", 0]);
});

Deno.test("[R47] a client that is banned stops with the end and the reason, and does not call getToken", async () => {
  using clock = stopClock();
  await using server = await openServer();
  const page = pageWith(TWO);
  using alice = openReader(server, { privateToken: ONE, getToken: page.getToken });
  alice.startWaiting();
  const stopped = stateNamed(alice, "stopped");
  const [body, init] = problem(403, "banned");
  const ban = { ...body, until: 1_795_394_533_514, reason: "spam" };

  (await server.next()).answer(ban, init);

  const { reason, problem: why } = await stopped;
  assertEquals([reason, why?.until, why?.reason], ["banned", ban.until, "spam"]);
  await clock.pass(600_000);
  assertEquals([server.waiting, page.calls], [0, 0]);
});

Deno.test("[C53] a token of another user stops the client, and nothing is sent with it", async () => {
  using clock = stopClock();
  await using server = await openServer();
  const { getToken } = pageWith(tokenOf("bob"));
  using alice = openReader(server, { privateToken: ONE, getToken });
  alice.startWaiting();
  const stopped = stateNamed(alice, "stopped");

  (await server.next()).answer(...problem(401, "token_expired"));

  const { reason, problem: why } = await stopped;
  assertEquals([reason, why?.code], ["other_user", "other_user"]);
  const sending = await assertRejects(() => alice.send({ channel: "room:tea", text: "hello" }));
  assertEquals(sending, why);
  await clock.pass(60_000);
  assertEquals(server.waiting, 0);
});

Deno.test("[C53] a token of another user, found by a send, ends the poll of the first user at once", async () => {
  await using server = await openServer();
  const { getToken } = pageWith(tokenOf("bob"));
  using alice = openReader(server, { privateToken: ONE, getToken });
  alice.startWaiting();
  (await server.next()).answer(reply());
  const parked = await server.next();
  const stopped = stateNamed(alice, "stopped");

  const sending = assertRejects(() => alice.send({ channel: "room:tea", text: "hello" }));
  (await server.next()).answer(...problem(401, "token_expired"));

  assertEquals((await stopped).reason, "other_user");
  await parked.aborted;
  assertEquals(Reflect.get(Object(await sending), "code"), "other_user");
  assertEquals(server.waiting, 0);
});

Deno.test("[C53] the server says whose session a private token of the application is", async () => {
  await using server = await openServer();
  const { getToken } = pageWith("alice's", "bob's");
  using alice = openReader(server, { privateToken: undefined, getToken });
  alice.startWaiting();
  const stopped = stateNamed(alice, "stopped");
  const identify = async (publicToken: string) => {
    const { path, authorization, answer } = await server.next();
    assertEquals([path, authorization], ["/api/session", `Bearer ${publicToken}'s`]);
    answer({ publicToken, displayName: publicToken, settings: SETTINGS });
  };

  await identify("alice");
  (await server.next()).answer(...problem(401, "not_signed_in"));
  await identify("bob");

  assertEquals((await stopped).reason, "other_user");
});

Deno.test("[C53] a token that expires while a poll is held is replaced each time", async () => {
  using clock = stopClock();
  await using server = await openServer();
  const { getToken } = pageWith(TWO, THREE);
  using alice = openReader(server, { privateToken: ONE, getToken });
  alice.startWaiting();
  (await server.next()).answer(reply({ cursor: "c1" }));
  const used: unknown[] = [];

  for (let n = 0; n < 3; n++) {
    const parked = await server.next();
    used.push(parked.authorization);
    await clock.pass(5_000);
    if (n < 2) parked.answer(...problem(401, "token_expired"));
  }

  assertEquals(used, [ONE, TWO, THREE].map((token) => `Bearer ${token}`));
  assertEquals(alice.state.name, "connected");
});
