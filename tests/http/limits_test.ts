import { assertEquals } from "@std/assert";
import { Chat, KEYS, type TestUser } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { openLimits } from "../support/limits.ts";
import { expectRefusal } from "../support/problem.ts";
import { requestsFrom, signIn, statuses } from "../support/requests_from.ts";

const HOME = "203.0.113.7";

function openChat(settings: Record<string, string>): Promise<Chat> {
  return Chat.open({ limits: openLimits(settings).limits });
}

Deno.test("[Y1] a refusal names the limit and when to retry; then requests are accepted", async () => {
  using clock = stopClock();
  await using chat = await openChat({ SENDS_PER_SESSION: "3/6s" });
  const alice = await chat.signIn("alice");
  const say = () => alice.say("room:tea", "hello");
  assertEquals(await statuses(3, say), { 201: 3 });

  const refused = await say();

  assertEquals(refused.headers.get("retry-after"), "2");
  assertEquals(refused.headers.get("ratelimit-policy"), '"sends-per-session";q=3;w=6');
  assertEquals(refused.headers.get("ratelimit"), '"sends-per-session";r=0;t=2');
  const problem = await expectRefusal(refused, 429, "too_many_requests");
  assertEquals(problem.retryAfter, 2_000);
  await clock.pass(2_000);
  assertEquals(await statuses(2, say), { 201: 1, 429: 1 });
  await clock.pass(6_000);
  assertEquals(await statuses(4, say), { 201: 3, 429: 1 });
});

/** A request of each kind, by the limit that applies to it. */
const REQUESTS: Record<string, (alice: TestUser) => Promise<Response>> = {
  POLLS_PER_SESSION: (alice) => alice.request("POST", "/api/poll", { hold: 0 }),
  SENDS_PER_SESSION: (alice) => alice.say("room:tea", "hello"),
  CALLS_PER_SESSION: (alice) => alice.request("GET", "/api/session"),
};

for (const [setting, ask] of Object.entries(REQUESTS)) {
  Deno.test(`[Y2] ${setting} applies to each session separately, and to no other kind of request`, async () => {
    using _clock = stopClock();
    await using chat = await openChat({ [setting]: "5/60s" });
    const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

    const counts = await statuses(7, () => ask(alice));

    assertEquals([counts[429], Object.keys(counts).length], [2, 2]);
    assertEquals((await ask(bob)).status < 300, true);
    for (const [other, askOther] of Object.entries(REQUESTS)) {
      if (other !== setting) assertEquals((await askOther(alice)).status < 300, true, other);
    }
  });
}

Deno.test("[Y2] requests of legacy pages are limited, too", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ SENDS_PER_SESSION: "2/60s" });
  const { privateToken } = await chat.signIn("alice");
  const body = new URLSearchParams({ privateToken, message: "hello", action: "send" });

  const counts = await statuses(
    3,
    async () => await chat.app.request("/ChatHandler.ashx", { method: "POST", body }),
  );

  assertEquals(counts, { 200: 2, 429: 1 });
});

Deno.test("[Y3] sign-ins are limited per address and in total", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ SIGN_INS_PER_ADDRESS: "2/60s", SIGN_INS: "5/60s" });

  assertEquals(await statuses(3, () => signIn(requestsFrom(HOME), chat)), { 201: 2, 429: 1 });
  assertEquals(await statuses(3, () => signIn(requestsFrom("203.0.113.8"), chat)), {
    201: 2,
    429: 1,
  });
  assertEquals(await statuses(3, () => signIn(requestsFrom("203.0.113.9"), chat)), {
    201: 1,
    429: 2,
  });
});

Deno.test("[Y3] requests of many sessions at one address are limited", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ CALLS_PER_ADDRESS: "4/60s", POLLS_PER_ADDRESS: "64/60s" });
  const users = await Promise.all(["alice", "bob", "carol"].map((name) => chat.signIn(name)));
  const ask = (path: string, method: string, body?: string) => {
    let n = 0;
    return () =>
      requestsFrom(HOME)(chat, path, {
        method,
        headers: {
          "authorization": `Bearer ${users[n++ % 3]?.privateToken}`,
          "content-type": "application/json",
        },
        ...(body !== undefined && { body }),
      });
  };

  assertEquals(await statuses(6, ask("/api/session", "GET")), { 200: 4, 429: 2 });
  // The address is charged for 16 polls of a session at once, and for its first poll.
  const polls = await statuses(60, ask("/api/poll", "POST", '{"hold":0}'));
  assertEquals(polls[429] !== undefined && polls[429] > 0, true);
});

Deno.test("[Y3] an IPv6 network of 64 bits is one address, and this machine is exempt", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ SIGN_INS_PER_ADDRESS: "2/60s" });
  const network = ["2001:db8::1", "2001:DB8:0:0:ffff::2", "2001:db8:0::3"];

  const statusOf = async (address: string) => (await signIn(requestsFrom(address), chat)).status;

  assertEquals(await Promise.all(network.map(statusOf)), [201, 201, 429]);
  assertEquals(await statusOf("2001:db8:0:1::1"), 201);
  assertEquals(await statuses(3, () => signIn(requestsFrom("::ffff:198.51.100.1"), chat)), {
    201: 2,
    429: 1,
  });
  assertEquals(await statusOf("198.51.100.1"), 429);
  for (const own of ["127.0.0.1", "::1", "127.8.8.8"]) {
    assertEquals(await statuses(3, () => signIn(requestsFrom(own), chat)), { 201: 3 });
  }
});

Deno.test("[Y3] invalid tokens are limited per address, and do not affect valid ones", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ WRONG_TOKENS_PER_ADDRESS: "3/60s" });
  const { privateToken } = await chat.signIn("alice");
  const withToken = (token: string) => () =>
    requestsFrom(HOME)(chat, "/api/session", { headers: { authorization: `Bearer ${token}` } });

  assertEquals(await statuses(5, withToken("wrong")), { 401: 3, 429: 2 });
  assertEquals(await statuses(2, withToken(privateToken)), { 200: 2 });
});

Deno.test("[Y4] X-Forwarded-For is trusted from the proxies in TRUST_PROXY", async () => {
  const cases: [trusted: string, peer: string, forwarded: string, client: string][] = [
    ["none", "10.0.0.1", HOME, "10.0.0.1"],
    ["10.0.0.1", "10.0.0.1", HOME, HOME],
    ["10.0.0.0/8, fd00::/8", "10.9.9.9", HOME, HOME],
    ["10.0.0.0/8, fd00::/8", "fd12::1", `spoofed, ${HOME}, 10.1.1.1`, HOME],
    ["10.0.0.0/8", "192.0.2.1", HOME, "192.0.2.1"],
    ["10.0.0.0/8", "10.0.0.1", "10.0.0.2", "10.0.0.2"],
    ["10.0.0.0/8", "10.0.0.1", "<script>", "10.0.0.1"],
    ["1", "192.0.2.1", `198.51.100.1, ${HOME}`, HOME],
    ["2", "192.0.2.1", `198.51.100.1, ${HOME}`, "198.51.100.1"],
    ["2", "192.0.2.1", HOME, HOME],
    ["1", "192.0.2.1", `${HOME}:4711`, HOME],
    ["1", "192.0.2.1", "[2001:db8::1]:4711", "2001:db8::2"],
  ];
  for (const [trusted, peer, forwarded, client] of cases) {
    using _clock = stopClock();
    await using chat = await openChat({ SIGN_INS_PER_ADDRESS: "1/60s", TRUST_PROXY: trusted });
    await signIn(requestsFrom(peer, forwarded), chat);

    // The same client again, directly or through the proxy.
    const again = trusted === "none" || client === peer
      ? await signIn(requestsFrom(peer), chat)
      : await signIn(requestsFrom(peer, client), chat);

    assertEquals(again.status, 429, `${trusted} ${peer} ${forwarded}`);
  }
});

Deno.test("[Y3] a session is not charged for requests that its address is refused", async () => {
  using clock = stopClock();
  await using chat = await openChat({ CALLS_PER_ADDRESS: "2/2s", CALLS_PER_SESSION: "3/600s" });
  const { privateToken } = await chat.signIn("alice");
  const headers = { authorization: `Bearer ${privateToken}` };
  const ask = () => requestsFrom(HOME)(chat, "/api/session", { headers });
  assertEquals(await statuses(6, ask), { 200: 2, 429: 4 });

  await clock.pass(2_000);

  assertEquals(await statuses(1, ask), { 200: 1 });
});

Deno.test("[Y5] the number of parked polls per address is limited, and a released seat is free", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({
    waiting: { seats: 100, tabsPerSession: 8, tabsPerNetwork: 3 },
    limits: openLimits().limits,
  });
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const headers = {
    "authorization": `Bearer ${alice.privateToken}`,
    "content-type": "application/json",
  };
  const poll = (address: string, tab: string) =>
    requestsFrom(address)(chat, "/api/poll", {
      method: "POST",
      headers,
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

Deno.test("[Y7] of a million addresses, one that has reached a limit is remembered", async () => {
  using _clock = stopClock();
  const { limits } = openLimits({ SIGN_INS_PER_ADDRESS: "1/60s", SIGN_INS: "1000000000/1s" });
  await using chat = await Chat.open({ limits });
  assertEquals((await signIn(requestsFrom(HOME), chat)).status, 201);
  const req = { raw: new Request("http://halley.test") };

  for (let n = 0; n < 1_000_000; n++) {
    const hostname = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    limits.checkAnonymous({ env: { remoteAddr: { hostname } }, req });
    if (n % 10_000 === 0) assertEquals((await signIn(requestsFrom(HOME), chat)).status, 429);
  }

  assertEquals((await signIn(requestsFrom(HOME), chat)).status, 429);
});

Deno.test("[Y6] each API key has its own limit for all its requests", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ CALLS_PER_KEY: "3/60s", CALLS_PER_ADDRESS: "1/60s" });
  const publish = () =>
    requestsFrom(HOME)(chat, "/api/publish", {
      method: "POST",
      headers: { "authorization": `Bearer ${KEYS.publish}`, "content-type": "application/json" },
      body: '{"to":"everyone","text":"hello"}',
    });

  assertEquals(await statuses(4, publish), { 201: 3, 429: 1 });
  const other = requestsFrom(HOME)(chat, "/api/trace?message=1", {
    headers: { authorization: `Bearer ${KEYS.admin}` },
  });
  assertEquals((await other).status, 404);
});

Deno.test("[Y8] LIMITS=off disables all limits by rate and address", async () => {
  using _clock = stopClock();
  const rate = "1/1000000s";
  await using chat = await openChat({
    LIMITS: "off",
    SIGN_INS: rate,
    SIGN_INS_PER_ADDRESS: rate,
    SENDS_PER_SESSION: rate,
    CALLS_PER_SESSION: rate,
    CALLS_PER_KEY: rate,
    WRONG_TOKENS_PER_ADDRESS: rate,
    TRUST_PROXY: "1",
  });
  const alice = await chat.signIn("alice");

  assertEquals(await statuses(5, () => signIn(requestsFrom(HOME), chat)), { 201: 5 });
  assertEquals(await statuses(5, () => alice.say("room:tea", "hello")), { 201: 5 });
  assertEquals(await statuses(5, () => alice.request("GET", "/api/session")), { 200: 5 });
  assertEquals(await statuses(5, () => requestsFrom(HOME)(chat, "/api/session")), { 401: 5 });
});

Deno.test("[Y3] an IPv6 network of 48 bits counts as 16 addresses", async () => {
  using _clock = stopClock();
  await using chat = await openChat({ SIGN_INS_PER_ADDRESS: "1/60s" });
  let n = 0;
  const network = () => requestsFrom(`2001:db8:1:${(n++).toString(16)}::1`);

  assertEquals(await statuses(20, () => signIn(network(), chat)), { 201: 16, 429: 4 });
  assertEquals(await statuses(1, () => signIn(requestsFrom("2001:db8:2::1"), chat)), { 201: 1 });
});
