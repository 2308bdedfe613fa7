import { assertEquals } from "@std/assert";
import { answer, Chat, KEYS } from "../support/chat.ts";
import { openLimits } from "../support/limits.ts";
import { expectRefusal } from "../support/problem.ts";

function pathOf(emoji: string, id = 1): string {
  return `/api/messages/${id}/reactions/${encodeURIComponent(emoji)}`;
}

Deno.test("[D52] a reaction is answered 200 with the message, which readers get in changes", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  await alice.say("room:tea", "one");
  const { cursor } = await alice.poll({ channels: ["room:tea"] });

  const added = await answer(bob.request("PUT", pathOf("❤")));
  const removed = await answer(bob.request("DELETE", pathOf("❤\ufe0f")));

  const { reactions, text } = added.body as { reactions: unknown; text: string };
  const hearts = [{ emoji: "❤\ufe0f", by: [bob.publicToken] }];
  assertEquals([added.status, reactions, text], [200, hearts, "one"]);
  assertEquals([removed.status, "reactions" in (removed.body as object)], [200, false]);
  const { changes, messages } = await alice.poll({ cursor, channels: ["room:tea"] });
  assertEquals(messages, []);
  assertEquals(changes?.map(({ message }) => message), [removed.body, removed.body]);
});

Deno.test("[D52] the history has the reactions of messages", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "one");
  const { body: message } = await answer(alice.request("PUT", pathOf("👍")));

  const { body } = await answer(alice.request("GET", "/api/channels/room:tea/messages"));

  assertEquals(body, { messages: [message], more: false });
});

Deno.test("[D52] other texts than an emoji are refused with 422, and change nothing", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "one");

  for (const emoji of ["a", "👍👍", "<b>", "👍/..", "%F0", "x".repeat(4_000)]) {
    await expectRefusal(alice.request("PUT", pathOf(emoji)), 422, "invalid_request");
  }

  const path = "/api/messages/1/reactions/%F0%9F";
  await expectRefusal(alice.request("PUT", path), 422, "invalid_request");
  await expectRefusal(alice.request("PUT", pathOf("👍", 9)), 404, "not_found");
  assertEquals((await alice.poll({ channels: ["room:tea"] })).cursor.endsWith(".1"), true);
});

Deno.test("[D52] API keys do not react", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "one");

  const headers = { authorization: `Bearer ${KEYS.admin}` };
  const refused = Promise.resolve(chat.app.request(pathOf("👍"), { method: "PUT", headers }));

  await expectRefusal(refused, 403, "not_allowed");
});

Deno.test("[D52] a reaction counts as a send", async () => {
  await using chat = await Chat.open({
    limits: openLimits({ SENDS_PER_SESSION: "3/1000s" }).limits,
  });
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "one");
  await alice.request("PUT", pathOf("👍"));
  await alice.request("DELETE", pathOf("👍"));

  await expectRefusal(alice.request("PUT", pathOf("👍")), 429, "too_many_requests");
});

Deno.test("[D52] a reaction beyond the limit is refused with 409, and what to do", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "one");
  for (let n = 0; n < 20; n++) {
    await alice.request("PUT", pathOf(String.fromCodePoint(0x1f600 + n)));
  }

  const refused = await expectRefusal(
    alice.request("PUT", pathOf("👍")),
    409,
    "too_many_reactions",
  );

  assertEquals(refused.detail.includes("remove one of yours"), true);
});
