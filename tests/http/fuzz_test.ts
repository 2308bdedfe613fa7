import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Chat } from "../support/chat.ts";
import { stopClock, type StoppedClock } from "../support/clock.ts";
import { expectOrdinaryConversation } from "../support/conversation.ts";
import { anyForm, anyJsonBody, anyString } from "../support/arbitrary.ts";

/** A request as a stranger might make it. */
interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly body?: string;
}

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";

const FIELDS = {
  "/api/poll": ["cursor", "channels", "hold", "tab", "turn", "state"],
  "/api/messages": ["channel", "text", "data", "key"],
  "/api/signals": ["channel", "type"],
  "/api/sessions": ["displayName"],
};

const anyPosts = Object.entries(FIELDS).map(([path, fields]) =>
  anyJsonBody(fields).map((body): Attempt => ({ method: "POST", path, type: JSON_TYPE, body }))
);

const anyOldPost = fc
  .tuple(
    fc.constantFrom("/ChatHandler.ashx", "/ChatChannelHandler.ashx"),
    anyForm(["lastMessageId", "message", "sendto", "action"]),
  )
  .map(([path, body]): Attempt => ({ method: "POST", path, type: FORM_TYPE, body }));

const anyChannel = anyString.map((name) => encodeURIComponent(name.toWellFormed()));

const anyPath = fc.oneof(
  anyChannel.map((channel) => `/api/channels/${channel}/messages`),
  anyChannel.map((channel) => `/api/channels/${channel}/presence`),
  anyForm(["before", "limit"]).map((query) => `/api/channels/room:tea/messages?${query}`),
  anyForm(["lastMessageId", "message"]).map((query) => `/ChatHandler.ashx?${query}`),
  anyString.map((path) => `/${path}`),
  fc.constantFrom("/api/session", "/live", "/ready", "/"),
);

const anyVisit = fc
  .tuple(fc.constantFrom("GET", "GET", "GET", "HEAD", "OPTIONS", "PUT", "DELETE"), anyPath)
  .map(([method, path]): Attempt => ({ method, path }));

const anyAttempt = fc.oneof(...anyPosts, anyOldPost, anyOldPost, anyVisit, anyVisit, anyVisit);

/** The answer to a request that may be parked: so much time passes that it must have one. */
async function send(
  { app }: Chat,
  { attempt, token, clock }: { attempt: Attempt; token?: string; clock: StoppedClock },
): Promise<Response> {
  const { method, path, type, body } = attempt;
  const isForm = type === FORM_TYPE;
  const pending = app.request(`http://halley.test${path}`, {
    method,
    headers: {
      ...(type !== undefined && { "content-type": type }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: isForm ? `${body}&privateToken=${token}` : body }),
  });
  await clock.pass(60_000);
  return await pending;
}

Deno.test("[N5] a stranger's request, whatever it is, is answered, and never with a defect", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();

  await fc.assert(
    fc.asyncProperty(anyAttempt, async (attempt) => {
      const { status } = await send(chat, { attempt, clock });
      assertEquals([status < 500, chat.internalErrors], [true, []]);
    }),
    { numRuns: 200 },
  );
  await expectOrdinaryConversation(chat);
});

Deno.test("[N5] alice's request, whatever it is, is answered, and never with a defect", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();

  await fc.assert(
    fc.asyncProperty(anyAttempt, async (attempt) => {
      const { privateToken: token } = await chat.signIn("alice");
      const { status } = await send(chat, { attempt, token, clock });
      assertEquals([status < 500, chat.internalErrors], [true, []]);
    }),
    { numRuns: 200 },
  );
  assertEquals(chat.test.hub.parked, 0);
  await expectOrdinaryConversation(chat);
});

Deno.test("[L11] what alice says, whatever it is, reaches bob as she said it, or is refused", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];

  await fc.assert(
    fc.asyncProperty(anyString, async (text) => {
      const { cursor } = await bob.poll();
      const { status } = await alice.say("room:tea", text);
      const mayBeSaid = text !== "" && text.isWellFormed();
      assertEquals(status, mayBeSaid ? 201 : 422);
      if (!mayBeSaid) return;
      const { messages } = await bob.poll({ cursor, channels: ["room:tea"] });
      assertEquals(messages.map((message) => message.text), [text]);
    }),
    { numRuns: 200 },
  );
});

Deno.test("[L11] the data that alice sends, whatever they are, reach bob as she sent them", async () => {
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
