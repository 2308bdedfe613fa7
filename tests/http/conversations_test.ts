import { assertEquals } from "@std/assert";
import { answer, Chat } from "../support/chat.ts";
import { expectRefusal } from "../support/problem.ts";

const TEA = "/api/conversations/room:tea";

Deno.test("[N1] conversations are answered 200, opened and closed 204", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const last = await (await bob.say("room:tea", "hello")).json();

  assertEquals((await alice.request("PUT", TEA, {})).status, 204);
  assertEquals(await answer(alice.request("GET", "/api/conversations")), {
    status: 200,
    body: { conversations: [{ channel: "room:tea", readUpTo: 0, unread: 1, last }] },
  });
  assertEquals((await alice.request("PUT", TEA, { readUpTo: last.id })).status, 204);
  assertEquals(await answer(alice.request("GET", "/api/conversations")), {
    status: 200,
    body: { conversations: [{ channel: "room:tea", readUpTo: last.id, unread: 0, last }] },
  });
  assertEquals((await alice.request("DELETE", TEA)).status, 204);
  assertEquals(await answer(alice.request("GET", "/api/conversations")), {
    status: 200,
    body: { conversations: [] },
  });
});

Deno.test("[N1] a direct conversation names the other one, until that session has ended", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { publicToken } = bob;
  const last = await (await alice.say(`direct:${publicToken}`, "hello")).json();
  const conversation = { channel: last.channel, readUpTo: 0, unread: 0, last };
  const other = { publicToken, displayName: "bob", readUpTo: 0, deliveredUpTo: 0 };

  const before = await answer(alice.request("GET", "/api/conversations"));
  await bob.request("DELETE", "/api/session");
  const after = await answer(alice.request("GET", "/api/conversations"));

  assertEquals(before.body, { conversations: [{ ...conversation, other }] });
  assertEquals(after.body, { conversations: [conversation] });
});

Deno.test("[N1] rooms are answered 200 with how many people read each", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.poll({ channels: ["room:tea"] });

  assertEquals(await answer(alice.request("GET", "/api/rooms")), {
    status: 200,
    body: { rooms: [{ channel: "room:tea", present: 1 }] },
  });
});

for (const readUpTo of [-1, 1.5, "1", null, 2 ** 60]) {
  Deno.test(`[N2] reading up to ${readUpTo} is refused`, async () => {
    await using chat = await Chat.open();
    const alice = await chat.signIn("alice");

    await expectRefusal(alice.request("PUT", TEA, { readUpTo }), 422, "invalid_request");
  });
}

Deno.test("[N2] what is no channel can be neither opened nor closed", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");

  for (const address of ["tea", "room:", "room:a:b", "direct:bob", "%00"]) {
    const path = `/api/conversations/${address}`;
    await expectRefusal(alice.request("PUT", path, {}), 422, "invalid_request");
    await expectRefusal(alice.request("DELETE", path), 422, "invalid_request");
  }
});
