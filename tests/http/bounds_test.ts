import { assertEquals } from "@std/assert";
import { Chat, KEYS } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { openLimits } from "../support/limits.ts";
import { expectRefusal } from "../support/problem.ts";
import { requestsFrom, signIn } from "../support/requests_from.ts";

const HOME = "203.0.113.7";

Deno.test("[Y5] so many polls wait at one address as may, and a place that is left is free", async () => {
  using clock = stopClock();
  const options = { waiting: { seats: 100, tabsPerSession: 8, tabsPerNetwork: 3 } };
  await using chat = await Chat.open({ ...options, limits: openLimits().limits });
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const poll = (address: string, tab: string) =>
    requestsFrom(address)(chat, "/api/poll", {
      method: "POST",
      headers: {
        "authorization": `Bearer ${alice.privateToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ cursor, tab }),
    });
  const parked = ["1", "2", "3"].map((tab) => poll(HOME, tab));
  await settle();

  const refused = await poll(HOME, "4");

  assertEquals(
    refused.headers.get("ratelimit-policy"),
    '"parked-polls-per-address";q=3;qu="concurrent-requests"',
  );
  assertEquals(refused.headers.get("retry-after"), "5");
  await expectRefusal(refused, 429, "too_many_requests");
  parked.push(poll("203.0.113.8", "4"), poll("127.0.0.1", "5"));
  await settle();
  assertEquals(chat.test.hub.parked, 5);
  await clock.pass(60_000);
  await Promise.all(parked);
  assertEquals((await Promise.all([poll(HOME, "6"), clock.pass(60_000)]))[0].status, 200);
});

Deno.test("[Y7] a million addresses take no more memory than sixty-five thousand", async () => {
  using _clock = stopClock();
  const { limits } = openLimits({ SIGN_INS_PER_ADDRESS: "1/60s", SIGN_INS: "1000000000/1s" });
  await using chat = await Chat.open({ limits });
  assertEquals((await signIn(requestsFrom(HOME), chat)).status, 201);
  const req = { raw: new Request("http://halley.test") };
  const addressOf = (n: number): Deno.NetAddr => {
    const hostname = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    return { transport: "tcp", hostname, port: 50_000 };
  };

  for (let n = 0; n < 1_000_000; n++) {
    limits.checkAnonymous({ env: { remoteAddr: addressOf(n) }, req });
    // Who keeps asking is not forgotten.
    if (n % 10_000 === 0) assertEquals((await signIn(requestsFrom(HOME), chat)).status, 429);
  }

  assertEquals(limits.addressCount <= 65_536, true);
});

Deno.test("[Y9] no more guests are let in than sessions are kept; users of an application are", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open({ max: { sessions: 2, rooms: 10 } });
  const [alice] = [await chat.signIn("alice"), await chat.signIn("bob")];

  const refused = await signIn(requestsFrom(HOME), chat);

  assertEquals(refused.headers.get("retry-after"), "60");
  await expectRefusal(refused, 503, "too_many_sessions");
  const user = await chat.app.request("/api/sessions", {
    method: "POST",
    headers: { "authorization": `Bearer ${KEYS.publish}`, "content-type": "application/json" },
    body: '{"displayName":"carol","userId":"7"}',
  });
  assertEquals(user.status, 201);
  await alice.request("DELETE", "/api/session");
  await chat.test.hub.sweep();
  assertEquals((await signIn(requestsFrom(HOME), chat)).status, 503);
  await chat.test.store.sessions.remove((await user.json()).publicToken);
  await chat.test.hub.sweep();
  assertEquals((await signIn(requestsFrom(HOME), chat)).status, 201);
});

Deno.test("[Y9] of more rooms than may be read no further one is, and those that are read stay open", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({ max: { sessions: 10, rooms: 20 } });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const channels = Array.from({ length: 17 }, (_, n) => `room:${n}`);
  await alice.poll({ channels });

  const refused = await bob.request("POST", "/api/poll", { channels: ["room:a", "room:b"] });

  assertEquals(refused.headers.get("retry-after"), "10");
  await expectRefusal(refused, 503, "too_many_rooms");
  assertEquals((await bob.request("POST", "/api/poll", { channels: ["room:3"] })).status, 200);
  await clock.pass(60_000);
  await chat.test.hub.sweep();
  assertEquals((await bob.request("POST", "/api/poll", { channels: ["room:a"] })).status, 200);
});
