import { assertEquals } from "@std/assert";
import type { Deliveries } from "../../server/protocol/admin_replies.ts";
import { answer, Chat, KEYS } from "../support/chat.ts";
import { settle, stopClock } from "../support/clock.ts";
import { expectRefusal } from "../support/problem.ts";

const NEW_YEAR = 1_767_225_600_000;

async function deliveries(chat: Chat, id: number): Promise<Deliveries> {
  const response = await chat.app.request(`/api/messages/${id}/deliveries`, {
    headers: { authorization: `Bearer ${KEYS.read}` },
  });
  assertEquals(response.status, 200);
  return await response.json();
}

Deno.test("[M10] a message for one session is waiting, then delivered, then seen", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll({ tab: "phone" });
  const { id, channel } = await (await alice.say(`direct:${bob.publicToken}`, "hello")).json();
  const base = { id, channel, at: NEW_YEAR };
  const recipient = { publicToken: bob.publicToken, displayName: "bob" };

  const before = await deliveries(chat, id);
  const reply = await bob.poll({ tab: "phone", cursor });
  await clock.pass(1_000);
  await bob.poll({ tab: "phone", cursor: reply.cursor, hold: 0 });
  await clock.pass(2_000);
  await settle();
  const after = await deliveries(chat, id);
  const path = `/api/conversations/${encodeURIComponent(channel)}`;
  await bob.request("PUT", path, { readUpTo: id, tab: "phone" });
  const seen = await deliveries(chat, id);

  const waiting = { tab: "phone", state: "waiting" } as const;
  assertEquals(before, { ...base, recipient, state: "waiting", tabs: [waiting] });
  const got = { state: "delivered", deliveredAt: NEW_YEAR + 1_000 } as const;
  assertEquals(after, { ...base, recipient, ...got, tabs: [{ tab: "phone", ...got }] });
  const read = { ...got, state: "seen", seenAt: NEW_YEAR + 3_000 } as const;
  assertEquals(seen, { ...base, recipient, ...read, tabs: [{ tab: "phone", ...read }] });
});

Deno.test("[M10] each tab has its own state; a tab that opened later has received nothing", async () => {
  using clock = stopClock();
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const { cursor } = await bob.poll({ tab: "laptop" });
  const { id } = await (await alice.say(`direct:${bob.publicToken}`, "hello")).json();
  const reply = await bob.poll({ tab: "laptop", cursor });
  await bob.poll({ tab: "laptop", cursor: reply.cursor, hold: 0 });
  const later = await bob.poll({ tab: "phone" });
  await alice.say(`direct:${bob.publicToken}`, "later");
  const more = await bob.poll({ tab: "phone", cursor: later.cursor });
  await bob.poll({ tab: "phone", cursor: more.cursor, hold: 0 });
  await clock.pass(1_000);
  await settle();

  const { state, tabs } = await deliveries(chat, id);

  assertEquals(state, "delivered");
  assertEquals(tabs?.map(({ tab, state }) => [tab, state]), [
    ["laptop", "delivered"],
    ["phone", "waiting"],
  ]);
});

Deno.test("[M10] reading one conversation does not mark messages of another as seen", async () => {
  await using chat = await Chat.open();
  const [alice, bob] = [await chat.signIn("alice"), await chat.signIn("bob")];
  const carol = await chat.signIn("carol");
  const first = await (await carol.say(`direct:${bob.publicToken}`, "from carol")).json();
  const second = await (await alice.say(`direct:${bob.publicToken}`, "from alice")).json();

  const path = `/api/conversations/${encodeURIComponent(second.channel)}`;
  await bob.request("PUT", path, { readUpTo: second.id });

  assertEquals((await deliveries(chat, second.id)).state, "seen");
  assertEquals((await deliveries(chat, first.id)).state, "waiting");
});

Deno.test("[M11] of a message to a room, the number of readers that have it is reported", async () => {
  await using chat = await Chat.open();
  const people = await Promise.all(["alice", "bob", "carol"].map((name) => chat.signIn(name)));
  const [alice, bob, carol] = people as [typeof people[0], typeof people[0], typeof people[0]];
  const channels = ["room:tea"];
  const { cursor } = await bob.poll({ channels });
  await carol.poll({ channels });
  await alice.poll({ channels: ["room:milk"] });
  const { id } = await (await alice.say("room:tea", "hello")).json();
  const reply = await bob.poll({ channels, cursor });
  await bob.poll({ channels, cursor: reply.cursor, hold: 0 });

  const { readers } = await deliveries(chat, id);

  assertEquals(readers, { delivered: 1, waiting: 1 });
});

Deno.test("[M12] deliveries require an API key with the scope read and an existing message", async () => {
  await using chat = await Chat.open();
  const alice = await chat.signIn("alice");
  await alice.say("room:tea", "hello");
  const ask = (path: string, token: string) =>
    Promise.resolve(chat.app.request(path, { headers: { authorization: `Bearer ${token}` } }));

  const path = "/api/messages/1/deliveries";
  await expectRefusal(ask(path, alice.privateToken), 401, "not_signed_in");
  await expectRefusal(ask(path, KEYS.publish), 403, "not_allowed");
  await expectRefusal(ask("/api/messages/2/deliveries", KEYS.read), 404, "not_found");
  for (const id of ["x", "-1", "1.5", "9".repeat(16)]) {
    await expectRefusal(ask(`/api/messages/${id}/deliveries`, KEYS.read), 422, "invalid_request");
  }
  assertEquals((await answer(ask(path, KEYS.admin))).status, 200);
});
