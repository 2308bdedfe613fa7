import { assertEquals, assertMatch } from "@std/assert";
import { answer, Chat } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { expectRefusal } from "../support/problem.ts";

const NEW_YEAR = 1_767_225_600_000;

Deno.test("[N1] a poll without a cursor is answered 200 timedout at once with the newest cursor", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const { status, body } = await answer(alice.request("POST", "/api/poll", {}));

  const { cursor, ...rest } = body as Record<string, unknown>;
  assertEquals(status, 200);
  assertMatch(String(cursor), /^[a-z0-9]{1,32}\.0$/);
  assertEquals(rest, { outcome: "timedout", messages: [], signals: [], gap: false, retryAfter: 0 });
});

Deno.test("[N1] a parked poll is answered 200 with the next message", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll();
  const poll = answer(bob.request("POST", "/api/poll", { cursor, channels: ["room:tea"] }));
  await settle();
  assertEquals(chat.test.hub.parked, 1);

  await alice.say("room:tea", "hello");

  assertEquals(await poll, {
    status: 200,
    body: {
      outcome: "message",
      cursor: cursor.replace(".0", ".1"),
      messages: [{
        id: 1,
        channel: "room:tea",
        from: { publicToken: alice.publicToken, displayName: "alice" },
        text: "hello",
        at: NEW_YEAR,
      }],
      signals: [],
      gap: false,
      retryAfter: 0,
    },
  });
});

Deno.test("[N1] a poll whose hold ends is answered 200 timedout", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const poll = answer(alice.request("POST", "/api/poll", { cursor, hold: 5_000 }));
  await clock.pass(4_000);
  assertEquals(chat.test.hub.parked, 1);

  await clock.pass(2_000);

  assertEquals(await poll, {
    status: 200,
    body: {
      outcome: "timedout",
      cursor,
      messages: [],
      signals: [],
      gap: false,
      retryAfter: 0,
    },
  });
});

Deno.test("[P12] a superseded poll is answered 200 cancelled", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const older = answer(alice.request("POST", "/api/poll", { cursor, tab: "x7", turn: 41 }));
  await settle();

  const newer = alice.poll({ cursor, tab: "x7", turn: 42 });

  assertEquals(await older, {
    status: 200,
    body: {
      outcome: "cancelled",
      reason: "superseded",
      cursor,
      messages: [],
      signals: [],
      gap: false,
      retryAfter: 0,
    },
  });
  await alice.request("DELETE", "/api/session");
  assertEquals((await newer).reason, "signed_out");
});

Deno.test("[P16] the poll of a disconnected client is settled and its seat released", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const client = new AbortController();
  const poll = chat.app.request("/api/poll", {
    method: "POST",
    headers: {
      "authorization": `Bearer ${alice.privateToken}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ cursor }),
    signal: client.signal,
  });
  await clock.pass(10_000);
  assertEquals(chat.test.hub.parked, 1);

  client.abort();
  await settle();

  assertEquals(chat.test.hub.parked, 0);
  assertEquals((await poll).status, 499);
});

Deno.test("[P20] a closing server answers polls with retryAfter and refuses new ones with 503", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const parked = alice.poll({ cursor });
  await settle();

  const closing = chat.test.hub.close(() => 1_200);
  await clock.pass(0);
  await closing;

  const { outcome, retryAfter } = await parked;
  assertEquals([outcome, retryAfter], ["timedout", 1_200]);
  await expectRefusal(alice.request("POST", "/api/poll", { cursor }), 503, "closing");
});

Deno.test("[N1] a poll can have 256 channels and a tab of 64 characters", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  const reply = await alice.poll({
    channels: Array.from({ length: 256 }, (_, n) => `room:${n}`),
    tab: "!~".repeat(32),
    turn: Number.MAX_SAFE_INTEGER,
    hold: 1e9,
    state: "background",
  });

  assertEquals(reply.outcome, "timedout");
});

Deno.test("[P30] a poll over HTTP can refuse notices", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  await chat.test.hub.publishing.publish("shop", [{ to: "everyone", text: "to all" }]);

  const refused = await alice.poll({ cursor, hold: 0, notices: false });
  const taken = await alice.poll({ cursor, hold: 0, notices: true });

  assertEquals([refused.messages.length, taken.messages.length], [0, 1]);
  await expectRefusal(
    alice.request("POST", "/api/poll", { notices: "no" }),
    422,
    "invalid_request",
  );
});
