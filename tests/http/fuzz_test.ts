import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { anyForm, anyJsonBody, anyString } from "../support/arbitrary.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { expectOrdinaryConversation } from "../support/conversation.ts";
import { openLimits } from "../support/limits.ts";

/** The members of all bodies, queries and forms. */
const FIELDS = [
  ...["cursor", "channels", "hold", "tab", "turn", "state", "channel", "text", "data", "key"],
  ...["type", "displayName", "userId", "to", "title", "messages", "readUpTo", "before", "limit"],
  ...["message", "session", "privateToken", "lastMessageId", "sendto", "action", "__proto__"],
];

const HEADERS = [
  ...["accept-encoding", "authorization", "content-encoding", "content-type", "if-none-match"],
  ...["origin", "access-control-request-method", "access-control-request-headers", "x-title"],
  ...["x-key", "x-forwarded-for", "range", "referer", "te", "upgrade", "accept", "prefer"],
];

/** All characters that a header value can contain. */
const anyHeaderValue = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
  maxLength: 200,
}).map((value) => value.replace(/\x7f/g, "").trim());

const anyHeaders = fc.dictionary(fc.constantFrom(...HEADERS), anyHeaderValue, { maxKeys: 6 });

const anyBody = fc.oneof(
  anyJsonBody(FIELDS),
  anyForm(["lastMessageId", "message", "sendto", "action"]),
  anyString,
).map((body) => body.toWellFormed());

const anyQuery = fc.dictionary(fc.constantFrom(...FIELDS), anyString, { maxKeys: 4 })
  .map((fields) =>
    new URLSearchParams(
      Object.entries(fields).map(([name, value]) => [name, value.toWellFormed()]),
    ).toString()
  );

const anySegment = fc.oneof(
  fc.constantFrom("room:tea", "notice", "direct:x", "1", "0", "..", "%2e%2e", "everyone"),
  anyString.map((word) => word.toWellFormed().slice(0, 300)),
);

const METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"];

/** A request to any route of the app or any other path, with any words as the parameters of the route. */
function anyRequestTo({ app }: Chat) {
  const routes = [...new Set(app.routes.map(({ path }) => path))].filter((path) => path !== "/*");
  const anyRoute = fc
    .tuple(fc.constantFrom(...routes), fc.array(anySegment, { minLength: 4, maxLength: 4 }))
    .map(([path, words]) => path.replace(/:\w+|\*/g, () => encodeURIComponent(words.pop() ?? "")));
  return fc.record({
    path: fc.oneof(
      { arbitrary: anyRoute, weight: 9 },
      anyString.map((path) => `/${path.toWellFormed()}`),
    ),
    method: fc.oneof(fc.constantFrom(...METHODS), fc.constantFrom("GET", "POST")),
    query: anyQuery,
    headers: anyHeaders,
    body: anyBody,
    isJson: fc.boolean(),
    token: fc.constantFrom("none", "alice", ...Object.values(KEYS)),
  });
}

Deno.test("[N5] no request causes an internal error or leaves anything behind", async () => {
  using clock = stopClock();
  const { limits } = openLimits({ TRUST_PROXY: "1", CALLS_PER_ADDRESS: "1000000/1s" });
  await using chat = await Chat.open({ allowedOrigins: ["https://shop.example"], limits });
  const { privateToken } = await chat.signIn("alice");
  const connection = { remoteAddr: { transport: "tcp", hostname: "203.0.113.7", port: 50_000 } };
  const reached = new Set<number>();

  await fc.assert(
    fc.asyncProperty(anyRequestTo(chat), async (request) => {
      const { path, method, query, headers, body, isJson, token } = request;
      const hasBody = method !== "GET" && method !== "HEAD";
      const pending = chat.app.request(`http://halley.test${path}?${query}`, {
        method,
        headers: {
          ...(token !== "none" && {
            authorization: `Bearer ${token === "alice" ? privateToken : token}`,
          }),
          ...(isJson && hasBody && { "content-type": "application/json" }),
          ...headers,
        },
        ...(hasBody && {
          body: path.endsWith(".ashx") ? `${body}&privateToken=${privateToken}` : body,
        }),
      }, connection);
      // Even a parked poll is answered after this time.
      await clock.pass(60_000);
      const { status } = await pending;
      reached.add(status);
      assertEquals([status < 500, chat.internalErrors], [true, []], `${method} ${path}: ${status}`);
    }),
    { numRuns: 800 },
  );

  assertEquals(chat.test.hub.parked, 0);
  await clock.pass(120_000);
  await chat.test.hub.sweep();
  assertEquals(chat.test.hub.presence.size, 0);
  assertEquals([200, 401, 404, 405, 415, 422].filter((status) => !reached.has(status)), []);
  await expectOrdinaryConversation(chat);
});

Deno.test("[L11] any text is delivered unchanged or refused", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

  await fc.assert(
    fc.asyncProperty(anyString, async (text) => {
      const { cursor } = await bob.poll();
      const { status } = await alice.say("room:tea", text);
      const isValid = text !== "" && text.isWellFormed();
      assertEquals(status, isValid ? 201 : 422);
      if (!isValid) return;
      const { messages } = await bob.poll({ cursor, channels: ["room:tea"] });
      assertEquals(messages.map((message) => message.text), [text]);
    }),
    { numRuns: 200 },
  );
});

Deno.test("[L11] any data is delivered unchanged", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

  await fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 20 }), async (json) => {
      const { cursor } = await bob.poll();
      const sent = await alice.post("/api/messages", `{"channel":"room:tea","data":${json}}`);
      assertEquals(sent.status, 201);
      const { messages } = await bob.poll({ cursor, channels: ["room:tea"] });
      assertEquals(messages.map(({ data }) => JSON.stringify(data)), [
        JSON.stringify(JSON.parse(json)),
      ]);
    }),
    { numRuns: 200 },
  );
});
