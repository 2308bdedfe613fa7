import { assertEquals, assertMatch } from "@std/assert";
import type { Problem } from "../../server/protocol/refusal.ts";
import { BanRecords, partOf } from "../../server/core/sessions/ban_records.ts";
import { asAdmin, ban, bans } from "../support/bans.ts";
import { Chat, KEYS, type TestUser } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { TestHub } from "../support/hub.ts";
import { expectRefusal } from "../support/problem.ts";
import { requestsFrom, signIn } from "../support/requests_from.ts";
import { fetchSession, JWT, tokenFor } from "../support/tokens.ts";

/** The status and the body of a parked poll that a ban releases. */
async function parkedPoll(chat: Chat, user: TestUser) {
  const { cursor } = await user.poll();
  const reply = user.request("POST", "/api/poll", { cursor });
  await settle();
  assertEquals(chat.test.hub.parked, 1);
  return reply;
}

Deno.test("[R40] bans need the scope admin, and one valid name; anything else changes nothing", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  for (const key of [KEYS.publish, KEYS.read, KEYS.users]) {
    const headers = { authorization: `Bearer ${key}` };
    const asked = chat.app.request("/api/admin/bans", { headers });
    await expectRefusal(asked, 403, "not_allowed");
  }
  for (
    const body of [
      {},
      { session: alice.publicToken, user: "42" },
      { session: "alice" },
      { user: "" },
      { address: "nonsense" },
      { address: "127.0.0.1" },
      { address: "::1" },
      { address: "0.0.0.0/0" },
      { address: "203.0.113.7/33x" },
      { session: alice.publicToken, duration: 0 },
      { session: alice.publicToken, duration: 1.5 },
      { session: alice.publicToken, reason: "x".repeat(201) },
    ]
  ) {
    const refused = asAdmin(chat, "POST", "", body);
    await expectRefusal(refused, 422, "invalid_request");
  }

  assertEquals(await bans(chat), { bans: [], total: 0 });
});

Deno.test("[R41] a ban answers parked polls and all requests with its end and its reason", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const parked = parkedPoll(chat, alice);
  await settle();

  const { until } = await ban(chat, {
    ...{ session: alice.publicToken, duration: 3_600_000, reason: "spam" },
  });

  const response = await parked;
  const problem: Problem = await response.json();
  assertEquals([response.status, problem.code, problem.reason], [403, "banned", "spam"]);
  assertEquals(problem.until, until);
  assertEquals(problem.until, Date.now() + 3_600_000);
  assertMatch(problem.detail, /until 2026-01-01T01:00:00.000Z: spam$/);
  assertEquals(chat.test.hub.parked, 0);
  await expectRefusal(alice.say("room:tea", "hello"), 403, "banned");
  await expectRefusal(alice.request("GET", "/api/conversations"), 403, "banned");
  await expectRefusal(alice.request("POST", "/api/poll", {}), 403, "banned");
  assertEquals((await bob.say("room:tea", "hello")).status, 201);
  assertEquals(chat.test.hub.presence.size, 0);
});

Deno.test("[R41] with heartbeats, a parked poll is told to poll again, which is refused", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({ heartbeat: 5_000 });
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const parked = alice.request("POST", "/api/poll", { cursor });
  await clock.pass(11_000);

  await ban(chat, { session: alice.publicToken });

  const { outcome, retryAfter } = await (await parked).json();
  assertEquals([outcome, retryAfter], ["timedout", 0]);
  await expectRefusal(alice.request("POST", "/api/poll", { cursor }), 403, "banned");
});

Deno.test("[R41] a request that was authenticated just before a ban is refused", async () => {
  await using test = await TestHub.open();
  const alice = await test.signIn("alice");
  const { publicToken: id } = alice;

  await test.hub.banning.ban({ kind: "session", id }, { by: "api:boss" });

  for (
    const asked of [
      () => test.poll(alice),
      () => test.say(alice, "room:tea", "hello"),
    ]
  ) {
    const code = await asked().then(() => "none", ({ refusal }) => refusal);
    assertEquals(code, "banned");
  }
});

Deno.test("[R42] a guest continues the session when the ban is lifted, or has ended", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await ban(chat, { session: alice.publicToken });
  await ban(chat, { session: bob.publicToken, duration: 60_000 });

  assertEquals((await asAdmin(chat, "DELETE", `?session=${alice.publicToken}`)).status, 204);
  await clock.pass(59_000);
  await expectRefusal(bob.say("room:tea", "hello"), 403, "banned");
  await clock.pass(1_000);

  for (const user of [alice, bob]) {
    assertEquals((await user.say("room:tea", "hello")).status, 201);
  }
  assertEquals((await bans(chat)).total, 0);
  const again = asAdmin(chat, "DELETE", `?session=${alice.publicToken}`);
  await expectRefusal(again, 404, "not_found");
});

Deno.test("[R42] a user who is banned gets no session, by a token or by a back end", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const token = await tokenFor();
  await ban(chat, { user: "42" });

  await expectRefusal(fetchSession(chat, token), 403, "banned");
  await expectRefusal(fetchSession(chat, await tokenFor({ name: "other" })), 403, "banned");
  assertEquals((await bans(chat)).bans.map(({ displayName }) => displayName), [undefined]);
  await using guests = await Chat.open();
  await ban(guests, { user: "42" });
  const signingIn = guests.app.request("/api/sessions", {
    method: "POST",
    headers: { authorization: `Bearer ${KEYS.users}`, "content-type": "application/json" },
    body: JSON.stringify({ displayName: "alice", userId: "42" }),
  });
  await expectRefusal(signingIn, 403, "banned");
});

Deno.test("[R44] bans hold on every node at once, and end the polls there", async () => {
  await using chat = await Chat.open();
  const second = await TestHub.open({}, chat.test.store);
  await using _ = second.hub;
  const other = Chat.over(second);
  const alice = await chat.signIn("alice");
  const there = other.user(alice);
  const { cursor } = await there.poll();
  const parked = there.request("POST", "/api/poll", { cursor });
  await settle();

  await ban(chat, { session: alice.publicToken });

  await expectRefusal(parked, 403, "banned");
  await expectRefusal(there.say("room:tea", "hello"), 403, "banned");
  await asAdmin(chat, "DELETE", `?session=${alice.publicToken}`);
  await settle();
  assertEquals((await there.say("room:tea", "hello")).status, 201);
});

Deno.test("[R44] a node that did not get the event of a ban knows it after its next sweep", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const parked = parkedPoll(chat, alice);
  await settle();
  const key = alice.publicToken;
  const records = new BanRecords(chat.test.store.keyValue);
  const lost = { kind: "session", id: key, key, at: Date.now(), by: "api:boss" } as const;
  await records.change(partOf(key), "another version", () => [lost]);
  assertEquals((await alice.say("room:tea", "hello")).status, 201);

  await chat.test.hub.sweep();

  await parked;
  await expectRefusal(alice.say("room:tea", "hello"), 403, "banned");
});

Deno.test("[R44] bans survive a restart", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await ban(chat, { session: alice.publicToken, reason: "spam" });
  await ban(chat, { address: "203.0.113.0/24" });

  const test = await TestHub.open({}, chat.test.store);
  await using _ = test.hub;
  const restarted = Chat.over(test);

  await expectRefusal(restarted.user(alice).say("room:tea", "hello"), 403, "banned");
  await expectRefusal(signIn(requestsFrom("203.0.113.200"), restarted), 403, "banned");
  assertEquals((await bans(restarted)).total, 2);
});
