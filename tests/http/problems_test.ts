import { assertEquals } from "@std/assert";
import { FINAL_REFUSALS, PASSING_REFUSALS, type Refusal } from "../../server/protocol/refusal.ts";
import { Refused } from "../../server/core/model/refused.ts";
import { internalErrorResponse, refusalResponse } from "../../server/http/problem.ts";
import { Chat, type TestUser } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { HUB_OPTIONS } from "../support/hub.ts";
import { expectRefusal } from "../support/problem.ts";

/** A request that is refused. */
interface Case {
  readonly status: number;
  readonly attempt: (alice: TestUser, chat: Chat) => Promise<Response>;
}

const tooLarge = { channel: "room:tea", data: "x".repeat(65_536) };

/** A request for each refusal that does not depend on settings. */
const CASES: Partial<Record<Refusal, Case>> = {
  bad_json: {
    status: 400,
    attempt: (alice) => alice.post("/api/poll", "{"),
  },
  invalid_request: {
    status: 422,
    attempt: (alice) => alice.request("POST", "/api/poll", { chanels: [] }),
  },
  not_signed_in: {
    status: 401,
    attempt: (_, chat) => chat.request("GET", "/api/session"),
  },
  not_allowed: {
    status: 403,
    attempt: (alice) => alice.say("notice", "hello"),
  },
  not_found: {
    status: 404,
    attempt: (alice) => alice.request("GET", "/api/nothing"),
  },
  unknown_mention: {
    status: 404,
    attempt: (alice) =>
      alice.send({ channel: "room:tea", text: "@bob", mentions: ["AAAAAAAAAAAAAAAA"] }),
  },
  unknown_recipient: {
    status: 404,
    attempt: (alice) => alice.say("direct:AAAAAAAAAAAAAAAA", "hello"),
  },
  method_not_allowed: {
    status: 405,
    attempt: (alice) => alice.request("PUT", "/api/messages", {}),
  },
  key_reused: {
    status: 409,
    attempt: async (alice) => {
      await alice.send({ channel: "room:tea", text: "hello", key: "k1" });
      return alice.send({ channel: "room:tea", text: "good bye", key: "k1" });
    },
  },
  body_too_large: {
    status: 413,
    attempt: (alice) => alice.send(tooLarge),
  },
  text_too_long: {
    status: 413,
    attempt: (alice) => alice.say("room:tea", "x".repeat(8_193)),
  },
  unsupported_media_type: {
    status: 415,
    attempt: (alice) => alice.post("/api/poll", "{}", { "content-type": "text/plain" }),
  },
};

for (const [code, { status, attempt }] of Object.entries(CASES)) {
  Deno.test(`[R4] ${code} is answered ${status} as a problem`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    const problem = await expectRefusal(attempt(alice, chat), status, code as Refusal);

    assertEquals(Object.keys(problem), ["type", "title", "status", "detail", "code"]);
    assertEquals(problem.type, `urn:halley:problem:${code}`);
    assertEquals(chat.internalErrors, []);
  });
}

/** Expects the last poll to be refused when all others are parked. */
async function expectRefusedPoll(
  chat: Chat,
  polls: readonly (() => Promise<Response>)[],
  expected: { status: number; code: Refusal; retryAfter: number },
): Promise<void> {
  const parked = polls.slice(0, -1).map((poll) => poll());
  await settle();
  const refused = await polls.at(-1)?.() ?? new Response();

  assertEquals(refused.headers.get("retry-after"), String(expected.retryAfter / 1000));
  const problem = await expectRefusal(refused, expected.status, expected.code);
  assertEquals(problem.retryAfter, expected.retryAfter);
  assertEquals(chat.test.hub.parked, parked.length);
  await chat.test.hub.close(() => 0);
  await Promise.all(parked);
}

Deno.test("[R4] too_many_tabs is answered 429 with retryAfter", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const { cursor } = await alice.poll();
  const polls = Array.from(
    { length: 9 },
    (_, n) => () => alice.request("POST", "/api/poll", { cursor, tab: `x${n}` }),
  );

  await expectRefusedPoll(chat, polls, { status: 429, code: "too_many_tabs", retryAfter: 10_000 });
});

Deno.test("[R4] too_many_polls is answered 429 with retryAfter", async () => {
  using _clock = stopClock();
  const waiting = { ...HUB_OPTIONS.waiting, seats: 1 };
  await using chat = await Chat.open({ waiting });
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await alice.poll();
  const polls = [alice, bob].map((user) => () => user.request("POST", "/api/poll", { cursor }));

  await expectRefusedPoll(chat, polls, { status: 429, code: "too_many_polls", retryAfter: 5_000 });
});

Deno.test("[Y9] too_many_sessions is answered 429 with retryAfter, but users of a back end can sign in", async () => {
  await using chat = await Chat.open({ max: { sessions: 2, rooms: 10 } });
  const [alice] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const signIn = () => chat.request("POST", "/api/sessions", { displayName: "carol" });

  const refused = await signIn();

  assertEquals(refused.headers.get("retry-after"), "60");
  await expectRefusal(refused, 429, "too_many_sessions");
  const { publicToken } = await chat.test.hub.signInUser("7", "carol");
  await alice.request("DELETE", "/api/session");
  await chat.test.hub.sweep();
  assertEquals((await signIn()).status, 429);
  await chat.test.store.sessions.remove(publicToken);
  await chat.test.hub.sweep();
  assertEquals((await signIn()).status, 201);
});

Deno.test("[O68] /ready?ignore=store disregards the store, but not that the server stops", async () => {
  const state: { stopping?: string; store?: string } = { store: "The disk is full" };
  const notReadyReason = (ignoresStore: boolean) =>
    state.stopping ?? (ignoresStore ? undefined : state.store);
  await using chat = await Chat.open({ notReadyReason });
  const statuses = async () => [
    (await chat.request("GET", "/ready")).status,
    (await chat.request("GET", "/ready?ignore=store")).status,
  ];

  assertEquals(await statuses(), [503, 200]);
  state.stopping = "The server is stopping";
  assertEquals(await statuses(), [503, 503]);
});

Deno.test("[Y9] a room beyond the limit of rooms is counted, though the poll succeeds", async () => {
  await using chat = await Chat.open({ max: { sessions: 10, rooms: 2 } });
  const alice = await chat.signIn("alice");

  const { refused } = await alice.poll({ channels: ["room:1", "room:2", "room:3"] });

  assertEquals(refused?.map(({ code }) => code).includes("too_many_rooms"), true);
  const metrics = await (await chat.request("GET", "/metrics")).text();
  assertEquals(metrics.includes('halley_refusals_total{code="too_many_rooms"} 1'), true);
});

Deno.test("[R4] closing is answered 503 with retryAfter to polls, sends, signals and sign-ins", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await chat.test.hub.close(() => 0);

  const attempts = [
    alice.request("POST", "/api/poll", {}),
    alice.say("room:tea", "hello"),
    alice.request("POST", "/api/signals", { channel: "room:tea", type: "typing" }),
    chat.request("POST", "/api/sessions", { displayName: "bob" }),
  ];

  for (const response of await Promise.all(attempts)) {
    assertEquals(response.headers.get("retry-after"), "1");
    assertEquals((await expectRefusal(response, 503, "closing")).retryAfter, 1_000);
  }
});

Deno.test("[R4] store_unavailable is answered 500 with retryAfter", async () => {
  const response = refusalResponse(new Refused("store_unavailable", "The disk is full", 2_000));

  assertEquals(response.headers.get("retry-after"), "2");
  const problem = await expectRefusal(response, 500, "store_unavailable");
  assertEquals([problem.detail, problem.retryAfter], ["The disk is full", 2_000]);
});

for (
  const [retryAfter, seconds] of [[1, "1"], [1_000, "1"], [1_001, "2"], [9_999, "10"]] as const
) {
  Deno.test(`[R4] ${retryAfter} ms are ${seconds} s in the header Retry-After`, () => {
    const response = refusalResponse(new Refused("closing", "Soon", retryAfter));

    assertEquals(response.headers.get("retry-after"), seconds);
  });
}

Deno.test("[R4] a refusal without retryAfter has no header Retry-After", () => {
  const response = refusalResponse(new Refused("not_found", "Nothing here"));

  assertEquals(response.headers.has("retry-after"), false);
});

Deno.test("[R4] each refusal has its own title, which does not depend on the request", async () => {
  const refusals = [...FINAL_REFUSALS, ...PASSING_REFUSALS];

  const titles = await Promise.all(refusals.map(async (refusal) => {
    const response = refusalResponse(new Refused(refusal, "a secret detail"));
    return (await response.json() as { title: string }).title;
  }));

  assertEquals(new Set(titles).size, refusals.length);
  assertEquals(titles.some((title) => title.includes("secret")), false);
});

Deno.test("[R4] an internal error is answered 500 and does not reveal its cause", async () => {
  const problem = await expectRefusal(internalErrorResponse(), 500, "internal_error");

  assertEquals(
    problem.detail,
    "The request could not be answered. The log of the server has the cause",
  );
});
