import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import type { ConversationsReply, HistoryReply, SignedIn } from "../../server/protocol/replies.ts";
import { answer, Chat, KEYS, SETTINGS } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";

const KEY = { authorization: `Bearer ${KEYS.publish}` };
const USERS_KEY = { authorization: `Bearer ${KEYS.users}` };

function send(chat: Chat, method: string, path: string, body?: unknown, headers: object = KEY) {
  return Promise.resolve(chat.app.request(path, {
    method,
    headers: { ...headers, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }));
}

async function signIn(chat: Chat, userId: string, displayName = userId): Promise<SignedIn> {
  const response = await send(chat, "POST", "/api/sessions", { userId, displayName }, USERS_KEY);
  assertEquals(response.status, 201);
  return await response.json();
}

function as({ privateToken }: SignedIn) {
  return { authorization: `Bearer ${privateToken}` };
}

Deno.test("[M7] a user always has the same public token and gets new private tokens", async () => {
  await using chat = await Chat.open();

  const [first, second] = [await signIn(chat, "42"), await signIn(chat, "42", "Alice")];
  const other = await signIn(chat, "43");

  assertEquals(first.publicToken, second.publicToken);
  assertNotEquals(first.privateToken, second.privateToken);
  assertNotEquals(first.publicToken, other.publicToken);
  for (const session of [first, second]) {
    const { body } = await answer(send(chat, "GET", "/api/session", undefined, as(session)));
    assertEquals(body, {
      publicToken: first.publicToken,
      displayName: "Alice",
      settings: SETTINGS,
    });
  }
});

Deno.test("[M7] the public token cannot be computed from the user id alone", async () => {
  await using one = await Chat.open();
  await using other = await Chat.open();

  assertNotEquals(
    (await signIn(one, "42")).publicToken,
    (await signIn(other, "42")).publicToken,
  );
});

Deno.test("[M8] a message published to a user waits, even before the first sign-in", async () => {
  await using chat = await Chat.open();
  await send(chat, "POST", "/api/publish", { to: "everyone", text: "before" });
  await send(chat, "POST", "/api/publish", { to: "user:42", title: "Order 7", text: "is ready" });

  const alice = await signIn(chat, "42");

  const path = `/api/channels/notice:${alice.publicToken}/messages`;
  const body: HistoryReply = await (await send(chat, "GET", path, undefined, as(alice))).json();
  assertEquals(body.messages.map(({ title }) => title), ["Order 7"]);
  const { conversations }: ConversationsReply =
    await (await send(chat, "GET", "/api/conversations", undefined, as(alice))).json();
  assertEquals(conversations.map(({ channel, unread }) => [channel, unread]), [["notice", 1]]);
});

Deno.test("[M8] a user who has signed out still receives messages", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await signIn(chat, "alice"), await chat.signIn("bob")];

  const out = await send(chat, "DELETE", "/api/session", undefined, as(alice));
  const refused = send(chat, "GET", "/api/session", undefined, as(alice));
  await expectRefusal(refused, 401, "not_signed_in");
  const said = await bob.say(`direct:${alice.publicToken}`, "are you there?");
  const again = await signIn(chat, "alice");

  assertEquals([out.status, said.status], [204, 201]);
  const { conversations }: ConversationsReply =
    await (await send(chat, "GET", "/api/conversations", undefined, as(again))).json();
  assertEquals(conversations.map(({ last, unread }) => [last?.text, unread]), [
    ["are you there?", 1],
  ]);
});

Deno.test("[M8] signing out ends the session of a user on all devices", async () => {
  await using chat = await Chat.open();
  const [laptop, phone] = [await signIn(chat, "42"), await signIn(chat, "42")];
  await send(chat, "GET", "/api/session", undefined, as(phone));

  await send(chat, "DELETE", "/api/session", undefined, as(laptop));

  const refused = send(chat, "GET", "/api/session", undefined, as(phone));
  await expectRefusal(refused, 401, "not_signed_in");
});

Deno.test("[M9] only back ends can sign in users", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const body = { userId: "42", displayName: "mallory" };

  await expectRefusal(send(chat, "POST", "/api/sessions", body, {}), 401, "not_signed_in");
  const guest = { authorization: `Bearer ${alice.privateToken}` };
  await expectRefusal(send(chat, "POST", "/api/sessions", body, guest), 401, "not_signed_in");
  for (const key of [KEYS.read, KEYS.publish]) {
    const other = { authorization: `Bearer ${key}` };
    const refused = send(chat, "POST", "/api/sessions", body, other);
    const { detail } = await expectRefusal(refused, 403, "not_allowed");
    assertStringIncludes(detail, 'the scope "users"');
  }
  for (const userId of ["", "a\nb", "x".repeat(129), "\ud800"]) {
    const refused = send(chat, "POST", "/api/sessions", { userId, displayName: "x" }, USERS_KEY);
    await expectRefusal(refused, 422, "invalid_request");
  }
});
