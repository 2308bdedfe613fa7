import { openLimits } from "../support/limits.ts";
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { ApplicationTokens } from "../../server/http/auth/application_tokens.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { texts } from "../support/hub.ts";
import { expectRefusal } from "../support/problem.ts";
import { claimsOf, fetchSession, JWT, now, tokenFor } from "../support/tokens.ts";

Deno.test("[Q1] a token of the application is accepted in place of a private token", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const alice = await chat.withToken(await tokenFor());
  const bob = await chat.withToken(await tokenFor({ sub: "43", name: "bob" }));
  const { cursor } = await bob.poll({ channels: ["room:tea"] });

  const sent = await alice.say("room:tea", "hello");

  assertEquals([alice.displayName, sent.status], ["alice", 201]);
  assertEquals(texts(await bob.poll({ cursor, channels: ["room:tea"] })), ["hello"]);
});

Deno.test("[Q1] a user has one session, with the public token that back ends use", async () => {
  await using chat = await Chat.open({ jwt: JWT });

  const [one, other] = [await tokenFor(), await tokenFor({ exp: claimsOf().iat as number + 60 })];
  const [alice, again] = [await chat.withToken(one), await chat.withToken(other)];

  assertNotEquals(one, other);
  assertEquals(again.publicToken, alice.publicToken);
  assertEquals(alice.publicToken, await chat.test.hub.sessions.tokenOf("42"));
});

Deno.test("[Q1] a message published to a user waits for the first token", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  await chat.test.hub.publishing.publish("api:shop", [{ to: "user:42", text: "shipped" }]);

  const alice = await chat.withToken(await tokenFor());

  const { conversations } = await (await alice.request("GET", "/api/conversations")).json();
  assertEquals(conversations[0].unread, 1);
  assertEquals(conversations[0].last.text, "shipped");
});

Deno.test("[Q1] a legacy page polls and sends with a token of the application", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const token = await tokenFor();
  const post = (form: Record<string, string>) =>
    chat.app.request("/ChatHandler.ashx", {
      method: "POST",
      body: new URLSearchParams({ privateToken: token, ...form }),
    });

  assertEquals((await post({ action: "send", message: "hello" })).status, 200);
  assertEquals((await post({ lastMessageId: "1000" })).status, 200);
  await expectRefusal(post({ privateToken: "nonsense", message: "hello" }), 401, "not_signed_in");
});

Deno.test("[Q1] API keys can read with AUTH=jwt, too", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const reading = chat.app.request("/api/poll", {
    method: "POST",
    headers: { authorization: `Bearer ${KEYS.read}`, "content-type": "application/json" },
    body: "{}",
  });

  assertEquals((await reading).status, 200);
});

Deno.test("[M5] a wrong API key is refused as such with AUTH=jwt", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const authorization = "Bearer a-key-that-nobody-configured";

  for (const [method, path] of [["GET", "/api/rooms"], ["POST", "/api/publish"]] as const) {
    const refused = Promise.resolve(chat.app.request(path, { method, headers: { authorization } }));
    assertMatch(
      (await expectRefusal(refused, 401, "not_signed_in")).detail,
      /^The API key is unknown/,
    );
  }
});

Deno.test("[Q4] a token is verified once, and refused when it expires", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({ jwt: JWT });
  const token = await tokenFor({ exp: now() + 10 });
  assertEquals((await fetchSession(chat, token)).status, 200);
  const verify = crypto.subtle.verify;
  using _ = { [Symbol.dispose]: () => crypto.subtle.verify = verify };
  crypto.subtle.verify = () => Promise.reject(new Error("It was verified again"));

  assertEquals((await fetchSession(chat, token)).status, 200);
  await clock.pass(11_000);

  await expectRefusal(fetchSession(chat, token), 401, "token_expired");
  assertEquals(chat.internalErrors, []);
});

Deno.test("[Q5] the cursor and the tab stay valid with a new token", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const old = await chat.withToken(await tokenFor({ iat: now() - 60 }));
  const { cursor } = await old.poll({ tab: "x" });
  const parked = old.poll({ cursor, tab: "x" });
  await settle();
  const fresh = await chat.withToken(await tokenFor());
  const bob = await chat.withToken(await tokenFor({ sub: "43", name: "bob" }));

  const resumed = fresh.poll({ cursor, tab: "x" });
  await bob.say(`direct:${fresh.publicToken}`, "hello");

  assertEquals((await parked).reason, "superseded");
  assertEquals(texts(await resumed), ["hello"]);
});

Deno.test("[Q5] the newest token determines the name of a user", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const old = await tokenFor({ name: "alice", iat: now() - 60 });
  const fresh = await tokenFor({ name: "Alice B." });

  const names = [];
  for (const token of [old, fresh, old]) names.push((await chat.withToken(token)).displayName);

  assertEquals(names, ["alice", "Alice B.", "Alice B."]);
  const { publicToken } = await chat.withToken(old);
  const stored = await chat.test.store.sessions.findByPublicToken(publicToken);
  assertEquals(stored?.displayName, "Alice B.");
});

Deno.test("[Q6] a parked poll ends when its token expires, and no message is lost", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({ jwt: JWT });
  const alice = await chat.withToken(await tokenFor({ exp: now() + 5 }));
  const bob = await chat.withToken(await tokenFor({ sub: "43", name: "bob" }));
  const { cursor } = await alice.poll();
  const parked = alice.request("POST", "/api/poll", { cursor, hold: 25_000 });
  await settle();
  assertEquals(chat.test.hub.parked, 1);

  await clock.pass(6_000);

  await expectRefusal(parked, 401, "token_expired");
  assertEquals(chat.test.hub.parked, 0);
  await bob.say(`direct:${alice.publicToken}`, "hello");
  const again = await chat.withToken(await tokenFor());
  assertEquals(texts(await again.poll({ cursor })), ["hello"]);
});

Deno.test("[Q6] an expired token does not get later messages", async () => {
  using clock = stopClock();
  await using chat = await Chat.open({ jwt: JWT });
  const alice = await chat.withToken(await tokenFor({ exp: now() + 5 }));
  const bob = await chat.withToken(await tokenFor({ sub: "43", name: "bob" }));
  const { cursor } = await alice.poll();
  const parked = alice.request("POST", "/api/poll", { cursor });
  await settle();

  // The timer wheel is coarse: the token has expired, but the poll has not ended yet.
  await clock.pass(5_000);
  await bob.say(`direct:${alice.publicToken}`, "too late");

  await expectRefusal(parked, 401, "token_expired");
});

Deno.test("[Q9] with AUTH=jwt, signing in with a name is refused", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const headers = { authorization: `Bearer ${KEYS.admin}`, "content-type": "application/json" };
  const byBackEnd = chat.app.request("/api/sessions", {
    method: "POST",
    headers,
    body: '{"displayName":"alice","userId":"42"}',
  });

  await expectRefusal(
    chat.request("POST", "/api/sessions", { displayName: "alice" }),
    403,
    "token_required",
  );
  const { detail } = await expectRefusal(byBackEnd, 403, "token_required");
  assertMatch(detail, /GET \/api\/session/);
});

Deno.test("[Q4] the limits of a session apply to all its tokens together", async () => {
  await using chat = await Chat.open({
    jwt: JWT,
    limits: openLimits({ SENDS_PER_SESSION: "3/60s" }).limits,
  });
  const tokens = await Promise.all([0, 1, 2, 3].map((n) => tokenFor({ exp: now() + 60 + n })));

  const statuses = [];
  for (const token of tokens) {
    const alice = await chat.withToken(token);
    statuses.push((await alice.say("room:tea", "hello")).status);
  }

  assertEquals(statuses, [201, 201, 201, 429]);
});

Deno.test("[Q4] the oldest cached tokens are removed, and verified again", async () => {
  await using chat = await Chat.open({ jwt: JWT });
  const tokens = new ApplicationTokens(chat.test.hub, JWT);
  const token = await tokenFor();
  await tokens.find(token);
  // Long tokens, so that a few of them exceed the cache.
  const padding = "x".repeat(4_000_000);
  for (let n = 0; n < 7; n++) await tokens.find(await tokenFor({ padding, exp: now() + 60 + n }));

  assertEquals(tokens.cached(token), undefined);
  assertEquals((await tokens.find(token)).displayName, "alice");
  assertEquals(tokens.cached(token)?.displayName, "alice");
});
