import { assertEquals } from "@std/assert";
import { answer, Chat, KEYS } from "../support/chat.ts";
import { stopClock } from "../support/clock.ts";
import { legacyPage, parseLegacyReply } from "../support/legacy.ts";
import { expectRefusal } from "../support/problem.ts";

const NEW_YEAR = 1_767_225_600_000;

function administer(
  chat: Chat,
  method: string,
  path: string,
  body?: unknown,
  key: string = KEYS.admin,
) {
  return Promise.resolve(chat.app.request(path, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }));
}

Deno.test("[N1] an edit is answered 200 with the message, which readers get in changes", async () => {
  using _clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say("room:tea", "one");
  const { cursor } = await bob.poll();

  const edited = await answer(alice.request("PATCH", "/api/messages/1", { text: "uno" }));

  const message = {
    id: 1,
    channel: "room:tea",
    from: { publicToken: alice.publicToken, displayName: "alice" },
    text: "uno",
    at: NEW_YEAR,
    editedAt: NEW_YEAR,
  };
  assertEquals(edited, { status: 200, body: message });
  const { messages, changes } = await bob.poll({ cursor, channels: ["room:tea"] });
  assertEquals(messages, []);
  assertEquals(changes, [{ id: 2, message, channel: "room:tea", at: NEW_YEAR }]);
});

Deno.test("[N1] a deletion is answered 204, also when it is repeated", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "one");

  const statuses = [
    (await alice.request("DELETE", "/api/messages/1")).status,
    (await alice.request("DELETE", "/api/messages/1")).status,
  ];

  assertEquals(statuses, [204, 204]);
  const history = await answer(alice.request("GET", "/api/channels/room:tea/messages"));
  assertEquals(history.body, { messages: [], more: false });
});

Deno.test("[L27] the repetition of a deleted message is answered 200, without its text", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const send = () => answer(alice.send({ channel: "room:tea", text: "one", key: "k" }));
  await send();
  await alice.request("DELETE", "/api/messages/1");

  const { status, body } = await send();

  const { text, deletedAt } = body as { text?: string; deletedAt?: number };
  assertEquals([status, text, typeof deletedAt], [200, undefined, "number"]);
});

Deno.test("[R8] an API key with the scope admin changes any message, others none", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "one");

  const edited = await answer(administer(chat, "PATCH", "/api/messages/1", { text: "uno" }));
  const refused = await administer(chat, "DELETE", "/api/messages/1", undefined, KEYS.publish);
  const deleted = await administer(chat, "DELETE", "/api/messages/1");

  assertEquals([edited.status, (edited.body as { text: string }).text], [200, "uno"]);
  await expectRefusal(refused, 403, "not_allowed");
  assertEquals(deleted.status, 204);
});

Deno.test("[R8] a message of another is 403, one that may not be read 404", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say("room:tea", "one");
  await alice.say(`direct:${alice.publicToken}`, "note");

  await expectRefusal(await bob.request("DELETE", "/api/messages/1"), 403, "not_allowed");
  await expectRefusal(await bob.request("DELETE", "/api/messages/2"), 404, "not_found");
  await expectRefusal(await bob.request("DELETE", "/api/messages/tea"), 422, "invalid_request");
});

Deno.test("[G10] changes neither answer nor extend a legacy poll", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const page = legacyPage(chat, bob);
  for (const text of ["one", "two", "three"]) await alice.say("room:lobby", text);
  await alice.request("DELETE", "/api/messages/1");
  await alice.request("PATCH", "/api/messages/2", { text: "dos" });
  await alice.request("DELETE", "/api/messages/3");

  const second = parseLegacyReply(await page.poll());
  const polling = page.poll(second.MessageId ?? "");
  for (let second = 0; second < 27; second++) {
    await alice.request("PATCH", "/api/messages/2", { text: `${second}` });
    await clock.pass(1_000);
    if (second < 20) assertEquals(chat.test.hub.parked, 1);
  }

  assertEquals(second.Message, "dos");
  assertEquals(chat.test.hub.parked, 0);
  assertEquals(await polling, "Name:timedout;MessageId:0;");
});
