import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { anyJsonBody, anyString } from "../support/arbitrary.ts";
import { Chat, KEYS } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { expectOrdinaryConversation } from "../support/conversation.ts";
import { openLimits } from "../support/limits.ts";

/** Every field that a body or a query of some route has. */
const FIELDS = [
  ...["cursor", "channels", "hold", "tab", "turn", "state", "channel", "text", "data", "key"],
  ...["type", "displayName", "userId", "to", "title", "messages", "readUpTo", "before", "limit"],
  ...["message", "session", "privateToken", "lastMessageId", "sendto", "action", "__proto__"],
];

/** What a header may hold at all. */
const anyHeaderValue = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
  maxLength: 200,
}).map((value) => value.replace(/\x7f/g, "").trim());

const HEADERS = [
  ...["accept-encoding", "authorization", "content-encoding", "content-type", "if-none-match"],
  ...["origin", "access-control-request-method", "access-control-request-headers", "x-title"],
  ...["x-key", "x-forwarded-for", "range", "referer", "te", "upgrade", "accept", "prefer"],
];

const anyHeaders = fc.dictionary(fc.constantFrom(...HEADERS), anyHeaderValue, { maxKeys: 6 });

const anyBody = fc.oneof(anyJsonBody(FIELDS), anyString.map((text) => text.toWellFormed()));

const anyQuery = fc.dictionary(fc.constantFrom(...FIELDS), anyString, { maxKeys: 4 })
  .map((fields) =>
    new URLSearchParams(
      Object.entries(fields).map(([name, value]) => [name, value.toWellFormed()]),
    ).toString()
  );

const anyWord = fc.oneof(
  fc.constantFrom("room:tea", "notice", "direct:x", "1", "0", "..", "%2e%2e", "everyone"),
  anyString.map((word) => word.toWellFormed().slice(0, 300)),
);

const METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"];

/** Every route that there is, with words of any kind in the place of its parameters. */
function anyRequestTo({ app }: Chat) {
  const paths = [...new Set(app.routes.map(({ path }) => path))].filter((path) => path !== "/*");
  return fc.record({
    path: fc.tuple(fc.constantFrom(...paths), fc.array(anyWord, { minLength: 4, maxLength: 4 }))
      .map(([path, words]) =>
        path.replace(/:\w+|\*/g, () => encodeURIComponent(words.pop() ?? ""))
      ),
    method: fc.oneof(
      fc.constantFrom(...METHODS),
      fc.constantFrom("GET", "POST"),
    ),
    query: anyQuery,
    headers: anyHeaders,
    body: anyBody,
    isJson: fc.boolean(),
    bearer: fc.constantFrom("nobody", "alice", ...Object.values(KEYS)),
  });
}

Deno.test("[N5] any request to any route, with any headers, gets an answer that is no defect, and leaves nothing behind", async () => {
  using clock = stopClock();
  const { limits } = openLimits({ TRUST_PROXY: "1", CALLS_PER_ADDRESS: "1000000/1s" });
  await using chat = await Chat.open({ allowedOrigins: ["https://shop.example"], limits });
  const { privateToken } = await chat.signIn("alice");
  const connection = { remoteAddr: { transport: "tcp", hostname: "203.0.113.7", port: 50_000 } };
  const reached = new Set<string>();

  await fc.assert(
    fc.asyncProperty(anyRequestTo(chat), async (request) => {
      const { path, method, query, headers, body, isJson, bearer } = request;
      const hasBody = method !== "GET" && method !== "HEAD";
      const pending = chat.app.request(`http://halley.test${path}?${query}`, {
        method,
        headers: {
          ...(bearer !== "nobody" && {
            authorization: `Bearer ${bearer === "alice" ? privateToken : bearer}`,
          }),
          ...(isJson && hasBody && { "content-type": "application/json" }),
          ...headers,
        },
        ...(hasBody && { body }),
      }, connection);
      await clock.pass(60_000);
      const { status } = await pending;
      reached.add(`${status}`);
      assertEquals([status < 500, chat.internalErrors], [true, []], `${method} ${path}: ${status}`);
    }),
    { numRuns: 600 },
  );

  assertEquals(chat.test.hub.parked, 0);
  await clock.pass(120_000);
  await chat.test.hub.sweep();
  assertEquals(chat.test.hub.presence.size, 0);
  assertEquals(
    ["200", "401", "404", "405", "415", "422"].filter((status) => !reached.has(status)),
    [],
  );
  await expectOrdinaryConversation(chat);
});
