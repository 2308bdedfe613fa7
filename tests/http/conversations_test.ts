import { assertEquals } from "@std/assert";
import { answer, Chat } from "../support/chat.ts";

const TEA = "/api/conversations/room:tea";

Deno.test("[N1] listing conversations is answered 200, opening and closing 204", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const last = await (await bob.say("room:tea", "hello")).json();

  assertEquals((await alice.request("PUT", TEA, {})).status, 204);
  assertEquals(await answer(alice.request("GET", "/api/conversations")), {
    status: 200,
    body: { conversations: [{ channel: "room:tea", readUpTo: 0, unread: 1, mentions: 0, last }] },
  });
  assertEquals((await alice.request("PUT", TEA, { readUpTo: last.id })).status, 204);
  assertEquals(await answer(alice.request("GET", "/api/conversations")), {
    status: 200,
    body: {
      conversations: [{ channel: "room:tea", readUpTo: last.id, unread: 0, mentions: 0, last }],
    },
  });
  assertEquals((await alice.request("DELETE", TEA)).status, 204);
  assertEquals(await answer(alice.request("GET", "/api/conversations")), {
    status: 200,
    body: { conversations: [] },
  });
});

Deno.test("[D60] the settings of a conversation are in the list, and only once they were chosen", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  const listed = async () => (await answer(alice.request("GET", "/api/conversations"))).body;
  const conversation = { channel: "room:tea", readUpTo: 0, unread: 0, mentions: 0 };

  const { status } = await alice.request("PUT", TEA, { notify: "none", pinned: true });

  assertEquals(status, 204);
  assertEquals(await listed(), {
    conversations: [{ ...conversation, notify: "none", pinned: true }],
  });
  await alice.request("PUT", TEA, { pinned: false });
  assertEquals(await listed(), { conversations: [{ ...conversation, notify: "none" }] });
});

Deno.test("[N1] a direct conversation names the other person until that session ends", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { publicToken } = bob;
  const last = await (await alice.say(`direct:${publicToken}`, "hello")).json();
  const conversation = { channel: last.channel, readUpTo: 0, unread: 0, mentions: 0, last };
  const other = { publicToken, displayName: "bob", readUpTo: 0, deliveredUpTo: 0 };

  const before = await answer(alice.request("GET", "/api/conversations"));
  await bob.request("DELETE", "/api/session");
  const after = await answer(alice.request("GET", "/api/conversations"));

  assertEquals(before.body, { conversations: [{ ...conversation, other }] });
  assertEquals(after.body, { conversations: [conversation] });
});

Deno.test("[N1] rooms are answered 200 with the number of readers", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.poll({ channels: ["room:tea"] });

  assertEquals(await answer(alice.request("GET", "/api/rooms")), {
    status: 200,
    body: { rooms: [{ channel: "room:tea", present: 1 }] },
  });
});
