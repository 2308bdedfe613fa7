import { assertEquals } from "@std/assert";
import { cursorOf, openReader, stateNamed } from "./support/reader.ts";
import { openServer, problem, reply } from "./support/scripted_server.ts";
import { stopClock } from "../support/clock.ts";

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
  const page = pageWith("one");
  const { getToken } = page;
  using alice = openReader(server, { privateToken: undefined, getToken });

  alice.startWaiting();
  const first = await server.next();
  first.answer(reply({ cursor: "c1" }));
  const second = await server.next();

  assertEquals([first.authorization, second.authorization], ["Bearer one", "Bearer one"]);
  assertEquals(page.calls, 1);
});

Deno.test("[Q15] when a token has expired, the same poll is sent again with a new one", async () => {
  await using server = await openServer();
  const page = pageWith("two");
  using alice = openReader(server, { privateToken: "one", getToken: page.getToken });
  const states: string[] = [];
  alice.on("state", ({ name }) => states.push(name));
  alice.startWaiting();
  (await server.next()).answer(reply({ cursor: "c1" }));
  const parked = await server.next();

  parked.answer(...problem(401, "token_expired"));
  const again = await server.next();

  assertEquals(again.authorization, "Bearer two");
  assertEquals(again.body, parked.body);
  const reached = cursorOf(alice, "c2");
  again.answer(reply({ cursor: "c2" }));
  await reached;
  assertEquals(states, ["connecting", "connected"]);
});

Deno.test("[Q15] all requests whose token was rejected are sent again with one new token", async () => {
  await using server = await openServer();
  const page = pageWith("two", "three");
  using alice = openReader(server, { privateToken: "one", getToken: page.getToken });

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
  assertEquals(bearers, ["Bearer two", "Bearer two", "Bearer two"]);
  assertEquals(page.calls, 1);
});

for (
  const [what, tokens] of [
    ["is rejected as well", ["two", "three"]],
    ["is the old one", ["one"]],
    ["is undefined", [undefined]],
  ] as const
) {
  Deno.test(`[Q15] a client whose new token ${what} stops as signed out`, async () => {
    using clock = stopClock();
    await using server = await openServer();
    const page = pageWith(...tokens);
    using alice = openReader(server, { privateToken: "one", getToken: page.getToken });
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
    return Promise.resolve("two");
  };
  using alice = openReader(server, { privateToken: "one", getToken });
  alice.startWaiting();
  const waiting = stateNamed(alice, "waiting");

  (await server.next()).answer(...problem(401, "token_expired"));
  await waiting;
  await clock.pass(1_000);

  assertEquals((await server.next()).authorization, "Bearer two");
});

Deno.test("[Q15] when getToken takes more than 15 s, the client tries again", async () => {
  using clock = stopClock();
  await using server = await openServer();
  const answers: ((token: string) => void)[] = [];
  const getToken = () => new Promise<string>((resolve) => answers.push(resolve));
  using alice = openReader(server, { privateToken: undefined, getToken });
  alice.startWaiting();

  await clock.pass(16_000);
  answers[0]?.("late");

  assertEquals((await server.next()).authorization, "Bearer late");
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
  const page = pageWith("two");
  using alice = openReader(server, { privateToken: "one", getToken: page.getToken });
  alice.startWaiting();
  const stopped = stateNamed(alice, "stopped");

  (await server.next()).answer(reply({ outcome: "cancelled", reason: "kicked" }));

  assertEquals([(await stopped).reason, page.calls], ["kicked", 0]);
});
