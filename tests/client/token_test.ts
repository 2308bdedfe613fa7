import { assertEquals } from "@std/assert";
import { cursorOf, openReader, stateNamed } from "./support/reader.ts";
import { openServer, problem, reply } from "./support/scripted_server.ts";
import { stopClock } from "../support/clock.ts";

/** A page that gives one token after the other, and counts how often it was asked. */
function pageWith(...tokens: readonly (string | undefined)[]) {
  const page = {
    asked: 0,
    getToken: (): Promise<string | undefined> => Promise.resolve(tokens[page.asked++]),
  };
  return page;
}

Deno.test("[Q15] a client asks its page for a token before its first request", async () => {
  await using server = await openServer();
  const page = pageWith("one");
  const { getToken } = page;
  using alice = openReader(server, { privateToken: undefined, getToken });

  alice.startWaiting();
  const first = await server.next();
  first.answer(reply({ cursor: "c1" }));
  const second = await server.next();

  assertEquals([first.authorization, second.authorization], ["Bearer one", "Bearer one"]);
  assertEquals(page.asked, 1);
});

Deno.test("[Q15] when a token has run out, the same poll is sent again with a new one", async () => {
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
  const given = cursorOf(alice, "c2");
  again.answer(reply({ cursor: "c2" }));
  await given;
  assertEquals(states, ["connecting", "connected"]);
});

Deno.test("[Q15] all requests that a token has failed are sent again with one new token", async () => {
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
  assertEquals(page.asked, 1);
});

for (
  const [what, tokens] of [
    ["is refused too", ["two", "three"]],
    ["is the old one", ["one"]],
    ["is none, since nobody is signed in", [undefined]],
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
    if (what === "is refused too") {
      (await server.next()).answer(...problem(401, "not_signed_in"));
    }

    assertEquals((await stopped).reason, "signed_out");
    await clock.pass(60_000);
    assertEquals([page.asked, server.waiting], [1, 0]);
  });
}

Deno.test("[Q15] a page that cannot give a token is asked again later", async () => {
  using clock = stopClock();
  await using server = await openServer();
  let asked = 0;
  const getToken = () => {
    if (asked++ === 0) return Promise.reject(new TypeError("The network is away"));
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

Deno.test("[Q15] a page that gives no token in fifteen seconds is asked again", async () => {
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

Deno.test("[Q15] without getToken, 401 stops it as ever", async () => {
  await using server = await openServer();
  using alice = openReader(server);
  alice.startWaiting();
  const stopped = stateNamed(alice, "stopped");

  (await server.next()).answer(...problem(401, "token_expired"));

  assertEquals((await stopped).reason, "signed_out");
});

Deno.test("[Q16] a client that is kicked stops, and asks for no other token", async () => {
  await using server = await openServer();
  const page = pageWith("two");
  using alice = openReader(server, { privateToken: "one", getToken: page.getToken });
  alice.startWaiting();
  const stopped = stateNamed(alice, "stopped");

  (await server.next()).answer(reply({ outcome: "cancelled", reason: "kicked" }));

  assertEquals([(await stopped).reason, page.asked], ["kicked", 0]);
});
